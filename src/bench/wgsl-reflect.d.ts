// The package's own types stand under its bare name; Node needs the file.
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
