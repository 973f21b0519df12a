import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { InputError, type SourcePosition } from './errors.ts';

/** A step into a YAML value: a mapping's key or a list's index. */
export type YamlPath = readonly PropertyKey[];

/** A YAML document that remembers where each of its values stands. */
export interface YamlSource {
  readonly value: unknown;
  /**
   * Where the value at a path stands, or its nearest ancestor when it is absent. `characters`
   * points further into a one-line scalar; other scalars answer with their start.
   */
  positionOf(path: YamlPath, characters?: number): SourcePosition;
  /** Where the key of the value at a path stands; for list items the item. */
  keyPositionOf(path: YamlPath): SourcePosition;
  /** The YAML document inside a string value, with positions in the outer file. */
  embedded(path: YamlPath): YamlSource;
}

interface Place {
  readonly keyOffset: number;
  readonly offset: number;
  readonly scalar: ScalarEvent | null;
}

type Locate = (offset: number) => SourcePosition;

/**
 * Parses one YAML 1.2 document; malformed text, several documents and duplicate keys are an
 * {@link InputError} with file, line and column.
 */
export function parseYamlSource(text: string, file: string): YamlSource {
  return readDocument(text, locatorOf(text, file));
}

/** Parses every document of a YAML 1.2 text, in order; errors as {@link parseYamlSource}. */
export function parseYamlSources(text: string, file: string): YamlSource[] {
  return readDocuments(text, locatorOf(text, file));
}

function readDocument(text: string, locate: Locate): YamlSource {
  const [first, ...others] = readDocuments(text, locate);
  if (others.length > 0) {
    throw new InputError(`expected one YAML document, got ${others.length + 1}`, {
      position: locate(text.indexOf('\n---') + 1),
    });
  }
  return first ?? createSource(text, [], null, locate);
}

function readDocuments(text: string, locate: Locate): YamlSource[] {
  try {
    const events = parseEvents(text, {});
    const values = constructFromEvents(events, { source: text });
    refuseExpansion(values, locate);
    const starts = events.flatMap((event, at) => (event.type === EVENT_ID.DOCUMENT ? [at] : []));
    return values.map((value, index) => {
      const own = events.slice(starts[index], starts[index + 1]);
      return createSource(text, own, value, locate);
    });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new InputError(`malformed YAML: ${error.reason}`, {
      position: locate(error.mark?.position ?? 0),
      hint: 'check indentation, brackets and quotes around this place',
      cause: error,
    });
  }
}

/** More values than this, aliases counted as often as they stand, is a bomb and not a document. */
const valuesMax = 200_000;

/** Aliases make a graph of a tree: whoever walks or copies it would visit each path. */
function refuseExpansion(values: readonly unknown[], locate: Locate): void {
  const stack: unknown[] = [...values];
  let seen = 0;
  while (stack.length > 0) {
    const value = stack.pop();
    seen += 1;
    if (seen > valuesMax) {
      throw new InputError(`expected at most ${valuesMax} values, aliases expand to more`, {
        position: locate(0),
        hint: 'write repeated parts out, or split the file',
      });
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const item of Object.values(value)) stack.push(item);
  }
}

function createSource(
  text: string,
  events: readonly Event[],
  value: unknown,
  locate: Locate,
): YamlSource {
  const places = indexPlaces(text, events);
  const nearest = (path: YamlPath): Place => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(pathKey(path.slice(0, length)));
      if (place) return place;
    }
    return places.get('') ?? { keyOffset: 0, offset: 0, scalar: null };
  };
  return {
    value,
    positionOf: (path, characters = 0) => {
      const { offset, scalar } = nearest(path);
      return locate(scalar && isOneLine(text, scalar) ? offset + characters : offset);
    },
    keyPositionOf: (path) => locate(nearest(path).keyOffset),
    embedded: (path) => {
      const { offset, scalar } = nearest(path);
      if (!scalar) {
        throw new InputError(`expected text that holds YAML at ${path.join('.')}`, {
          position: locate(offset),
        });
      }
      return readDocument(getScalarValue(text, scalar), embeddedLocator(text, scalar, locate));
    },
  };
}

/** Walks the events once and notes where each path's key and value start. */
function indexPlaces(text: string, events: readonly Event[]): Map<string, Place> {
  const places = new Map<string, Place>();
  let at = 0;
  const visit = (path: YamlPath, keyOffset: number): void => {
    const event = events[at] as Event;
    at += 1;
    const offset = startOf(event, keyOffset);
    const scalar = event.type === EVENT_ID.SCALAR ? event : null;
    places.set(pathKey(path), { keyOffset: keyOffset < 0 ? offset : keyOffset, offset, scalar });
    if (event.type === EVENT_ID.MAPPING) {
      while (events[at]?.type !== EVENT_ID.POP) {
        const keyEvent = events[at] as Event;
        const key = keyEvent.type === EVENT_ID.SCALAR ? getScalarValue(text, keyEvent) : '';
        const keyStart = startOf(keyEvent, offset);
        if (keyEvent.type === EVENT_ID.SCALAR || keyEvent.type === EVENT_ID.ALIAS) at += 1;
        else visit([...path, ''], keyStart);
        visit([...path, key], keyStart);
      }
      at += 1;
    } else if (event.type === EVENT_ID.SEQUENCE) {
      for (let item = 0; events[at]?.type !== EVENT_ID.POP; item += 1) visit([...path, item], -1);
      at += 1;
    }
  };
  if (events[0]?.type === EVENT_ID.DOCUMENT) at = 1;
  if (at < events.length && events[at]?.type !== EVENT_ID.POP) visit([], -1);
  return places;
}

/** An absent scalar (`key:` with nothing behind) has no place of its own and takes its key's. */
function startOf(event: Event, fallback: number): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart < 0 ? fallback : event.valueStart;
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return fallback;
}

function isOneLine(text: string, scalar: ScalarEvent): boolean {
  if (scalar.style === SCALAR_STYLE.LITERAL_BLOCK || scalar.style === SCALAR_STYLE.FOLDED_BLOCK) {
    return false;
  }
  return scalar.valueStart >= 0 && !text.slice(scalar.valueStart, scalar.valueEnd).includes('\n');
}

function pathKey(path: YamlPath): string {
  return path.map((step) => JSON.stringify(String(step))).join('/');
}

function locatorOf(text: string, file: string): Locate {
  const lineStarts = lineStartsOf(text);
  return (offset) => {
    const line = lineAt(lineStarts, offset);
    return { file, line: line + 1, column: offset - (lineStarts[line] as number) + 1 };
  };
}

/** A literal block (`|`) keeps its lines, so inner places map one to one; other styles cannot. */
function embeddedLocator(text: string, scalar: ScalarEvent, locate: Locate): Locate {
  if (scalar.style !== SCALAR_STYLE.LITERAL_BLOCK) return () => locate(scalar.valueStart);
  const outer = lineStartsOf(text);
  const firstLine = lineAt(outer, scalar.valueStart);
  const inner = lineStartsOf(getScalarValue(text, scalar));
  return (offset) => {
    const line = lineAt(inner, offset);
    const lineStart = outer[firstLine + line] ?? text.length;
    return locate(lineStart + scalar.indent + offset - (inner[line] as number));
  };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
