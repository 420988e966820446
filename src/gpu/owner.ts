type Freeable = { dispose(): void } | { destroy(): void };

/** Holds what has to be freed together. */
export interface Owner {
  /** Takes charge of a thing and hands it on. */
  own<T extends Freeable>(thing: T): T;
  /** Frees everything, the last thing first. */
  dispose(): void;
}

/** Makes something out of things that an owner holds; if that fails half-way, they are freed. */
export async function withOwner<T>(make: (owner: Owner) => Promise<T>): Promise<T> {
  const held: Freeable[] = [];
  const owner: Owner = {
    own: (thing) => {
      held.push(thing);
      return thing;
    },
    dispose: () => {
      for (const thing of held.splice(0).reverse()) "dispose" in thing ? thing.dispose() : thing.destroy();
    },
  };
  try {
    return await make(owner);
  } catch (error) {
    owner.dispose();
    throw error;
  }
}
