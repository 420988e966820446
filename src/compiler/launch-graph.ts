/** What is launched together: which values it reads and writes. */
export interface Reader<Value> {
  readonly reads: ReadonlySet<Value>;
  readonly writes: ReadonlySet<Value>;
}

/**
 * Which units read what others write, while units are joined two by two. Units stand in a row, each behind those that it reads from, so that
 * whether one leads to another is answered by what stands between them.
 */
export class LaunchGraph<Unit extends Reader<unknown>> {
  /** Units that were passed on the way to answers, in all. */
  visits = 0;
  /** A joined pair leaves one place empty. */
  readonly #row: (Unit | undefined)[];
  readonly #places: Map<Unit, number>;
  readonly #sources = new Map<Unit, Set<Unit>>();
  readonly #readers = new Map<Unit, Set<Unit>>();

  /** `units`: each after those that it reads from. */
  constructor(units: readonly Unit[]) {
    this.#row = [...units];
    this.#places = new Map(units.map((unit, place) => [unit, place]));
    const writers = new Map<unknown, Unit[]>();
    for (const unit of units) {
      this.#sources.set(unit, new Set());
      this.#readers.set(unit, new Set());
      for (const value of unit.writes) writers.set(value, [...(writers.get(value) ?? []), unit]);
    }
    for (const unit of units) {
      for (const source of [...unit.reads].flatMap((value) => writers.get(value) ?? [])) {
        if (source === unit) continue;
        this.#sources.get(unit)!.add(source);
        this.#readers.get(source)!.add(unit);
      }
    }
  }

  get units(): Unit[] {
    return this.#row.filter((unit) => unit !== undefined);
  }

  has(unit: Unit): boolean {
    return this.#places.has(unit);
  }

  sourcesOf(unit: Unit): ReadonlySet<Unit> {
    return this.#sources.get(unit)!;
  }

  readersOf(unit: Unit): ReadonlySet<Unit> {
    return this.#readers.get(unit)!;
  }

  /** Those that stand at most so many places away. */
  near(unit: Unit, distance: number): Unit[] {
    const place = this.#places.get(unit)!;
    const row = this.#row.slice(Math.max(0, place - distance), place + distance + 1);
    this.visits += row.length;
    return row.filter((other): other is Unit => other !== undefined && other !== unit);
  }

  /** Whether one reads what the other writes. */
  areLinked(a: Unit, b: Unit): boolean {
    return this.#readers.get(a)!.has(b) || this.#readers.get(b)!.has(a);
  }

  /** Whether one leads to the other by way of a third: then the two cannot be one. */
  areApart(a: Unit, b: Unit): boolean {
    const [from, to] = this.#inOrder(a, b);
    const first = [...this.#readers.get(from)!].filter((reader) => reader !== to);
    return this.#reached(first, this.#places.get(to)!).has(to);
  }

  /** Puts one unit in the place of two that are not apart. */
  join(a: Unit, b: Unit, joined: Unit): void {
    const [from, to] = this.#inOrder(a, b);
    const [first, last] = [this.#places.get(from)!, this.#places.get(to)!];
    const behind = this.#reached(this.#readers.get(from)!, last);
    const between = this.#row.slice(first + 1, last).filter((unit) => unit !== undefined);
    this.visits += between.length;
    const row = [...between.filter((unit) => !behind.has(unit)), joined, ...between.filter((unit) => behind.has(unit))];
    for (let place = first; place <= last; place++) {
      const unit = row[place - first];
      this.#row[place] = unit;
      if (unit) this.#places.set(unit, place);
    }
    for (const [edges, back] of [
      [this.#sources, this.#readers],
      [this.#readers, this.#sources],
    ]) {
      const others = new Set([...edges.get(a)!, ...edges.get(b)!].filter((unit) => unit !== a && unit !== b));
      edges.set(joined, others);
      for (const other of others) {
        back.get(other)!.delete(a);
        back.get(other)!.delete(b);
        back.get(other)!.add(joined);
      }
    }
    for (const unit of [a, b]) {
      this.#places.delete(unit);
      this.#sources.delete(unit);
      this.#readers.delete(unit);
    }
  }

  #inOrder(a: Unit, b: Unit): [Unit, Unit] {
    return this.#places.get(a)! < this.#places.get(b)! ? [a, b] : [b, a];
  }

  /** All that these lead to, themselves among them, as far as a place in the row. */
  #reached(from: Iterable<Unit>, last: number): Set<Unit> {
    const seen = new Set<Unit>();
    const waiting = [...from];
    for (let unit = waiting.pop(); unit; unit = waiting.pop()) {
      this.visits++;
      if (seen.has(unit) || this.#places.get(unit)! > last) continue;
      seen.add(unit);
      waiting.push(...this.#readers.get(unit)!);
    }
    return seen;
  }
}
