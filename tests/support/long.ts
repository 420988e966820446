/** Whether the long tests run too: `npm run test:long`. */
export const long = Boolean(process.env.REPARAM_LONG);

/** Why a test is skipped, for `test.skip`. */
export const onlyLong = "takes long: npm run test:long";

/**
 * What a test may wait for the end of something that has to end: its own limit, so that no time decides a verdict. A
 * shader or a page that hangs ends the run by it; the slowest machine does not come near. Long ones train for hours on one.
 */
export const HANG_SECONDS = (long ? 12 * 60 : 20) * 60;
