import {
  InputError,
  parseDurationMs,
  renderDuration,
  type SourcePosition,
  suggestNames,
} from '../core/tools/index.ts';
import {
  findPolicyMetric,
  type PolicyMetric,
  policyMetricNames,
  scaleOf,
} from './policy-metrics.ts';
import type { ComparisonOperator, ConditionTerm, PolicyWarning } from './policy-set.ts';

interface Token {
  readonly text: string;
  readonly offset: number;
}

/** Where the character at an offset of the condition's text stands in the file. */
type Locate = (offset: number) => SourcePosition;

const tokenPattern =
  /\s*(?:(\d[\d.]*[a-z][\da-z.]*)|(\d+(?:\.\d+)?)|([a-z_]\w*)|(>=|<=|==|!=|[<>*]))/iy;
const operators: readonly string[] = ['>', '>=', '<', '<=', '==', '!='];

/**
 * Reads `metric op limit [for duration] [and …]`; a limit is a number, a product of two, or
 * `threshold [* number]`. A flag such as `health_check_failed` needs no comparison.
 */
export function parseCondition(
  text: string,
  locate: Locate,
): { terms: readonly ConditionTerm[]; warnings: readonly PolicyWarning[] } {
  return new ConditionParser(text, locate).parse();
}

class ConditionParser {
  readonly #tokens: readonly Token[];
  readonly #locate: Locate;
  readonly #end: number;
  readonly #warnings: PolicyWarning[] = [];
  #next = 0;

  constructor(text: string, locate: Locate) {
    this.#locate = locate;
    this.#end = text.trimEnd().length;
    this.#tokens = splitTokens(text, locate);
  }

  parse(): { terms: readonly ConditionTerm[]; warnings: readonly PolicyWarning[] } {
    const terms = [this.#term()];
    while (this.#peek('and')) {
      this.#next += 1;
      terms.push(this.#term());
    }
    const rest = this.#tokens[this.#next];
    if (rest) this.#fail(`expected "and", "for" or the end, got "${rest.text}"`, rest.offset);
    return { terms, warnings: this.#warnings };
  }

  #term(): ConditionTerm {
    const name = this.#take('a metric');
    const metric = findPolicyMetric(name.text);
    if (!metric) {
      const hint = suggestNames(name.text, policyMetricNames);
      this.#fail(`unknown metric "${name.text}"`, name.offset, hint);
    }
    const following = this.#tokens[this.#next]?.text;
    const isBareFlag = metric.isFlag && (following === undefined || !operators.includes(following));
    const operator = isBareFlag ? '>' : this.#operator(metric);
    const limit = isBareFlag
      ? ({ kind: 'constant', value: 0 } as const)
      : this.#limit(metric, operator);
    return { metric: metric.name, operator, limit, forMs: this.#forMs() };
  }

  #operator(metric: PolicyMetric): ComparisonOperator {
    const token = this.#take(`a comparison after ${metric.name}`);
    if (!operators.includes(token.text)) {
      this.#fail(
        `expected one of ${operators.join(' ')} after ${metric.name}, got "${token.text}"`,
        token.offset,
      );
    }
    return token.text as ComparisonOperator;
  }

  #limit(metric: PolicyMetric, operator: ComparisonOperator): ConditionTerm['limit'] {
    if (this.#peek('threshold')) {
      this.#next += 1;
      return { kind: 'threshold', factor: this.#peek('*') ? this.#product(1) : 1 };
    }
    const { value, offset } = this.#number();
    const limit = this.#product(value);
    if (metric.isPercent && limit > 0 && limit <= 1 && operator !== '==' && operator !== '!=') {
      const message = `${metric.name} is in percent: ${limit} means ${limit} %; did you mean ${round(limit * 100)}?`;
      this.#warnings.push({ message, position: this.#locate(offset) });
    }
    return { kind: 'constant', value: limit * scaleOf(metric) };
  }

  #product(value: number): number {
    let product = value;
    while (this.#peek('*')) {
      this.#next += 1;
      product *= this.#number().value;
    }
    return product;
  }

  #number(): { value: number; offset: number } {
    const token = this.#take('a number');
    const value = Number(token.text);
    if (!Number.isFinite(value)) this.#fail(`expected a number, got "${token.text}"`, token.offset);
    return { value, offset: token.offset };
  }

  #forMs(): number {
    if (!this.#peek('for')) return 0;
    this.#next += 1;
    const token = this.#take('a duration after "for"');
    try {
      return parseDurationMs(token.text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return this.#fail(error.message, token.offset);
    }
  }

  #peek(text: string): boolean {
    return this.#tokens[this.#next]?.text === text;
  }

  #take(what: string): Token {
    const token = this.#tokens[this.#next];
    if (!token) this.#fail(`expected ${what}, got the end of the condition`, this.#end);
    this.#next += 1;
    return token;
  }

  #fail(message: string, offset: number, hint?: string): never {
    const position = this.#locate(offset);
    throw new InputError(`condition: ${message}`, hint ? { position, hint } : { position });
  }
}

function splitTokens(text: string, locate: Locate): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < end) {
    const from = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (!match) {
      const offset = from + (text.slice(from).length - text.slice(from).trimStart().length);
      throw new InputError(`condition: unexpected "${text[offset]}"`, {
        position: locate(offset),
        hint: 'the form is `metric op number [for duration] [and …]`',
      });
    }
    const token = match[0].trimStart();
    tokens.push({ text: token, offset: tokenPattern.lastIndex - token.length });
  }
  return tokens;
}

/** Writes terms the way {@link parseCondition} reads them. */
export function renderCondition(terms: readonly ConditionTerm[]): string {
  return terms.map(renderTerm).join(' and ');
}

function renderTerm(term: ConditionTerm): string {
  const metric = findPolicyMetric(term.metric) as PolicyMetric;
  const duration = term.forMs > 0 ? ` for ${renderDuration(term.forMs)}` : '';
  const { limit } = term;
  if (metric.isFlag && term.operator === '>' && limit.kind === 'constant' && limit.value === 0) {
    return `${term.metric}${duration}`;
  }
  const factor = limit.kind === 'threshold' && limit.factor !== 1 ? ` * ${limit.factor}` : '';
  const right =
    limit.kind === 'threshold' ? `threshold${factor}` : round(limit.value / scaleOf(metric));
  return `${term.metric} ${term.operator} ${right}${duration}`;
}

/** Percent and ratio are converted back and forth: nine digits hide the float's last bits. */
function round(value: number): number {
  return Number(value.toPrecision(9));
}
