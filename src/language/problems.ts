import type { Diagnostic, Fix, Rule } from "./diagnostic.ts";
import type { ExpressionProblem } from "./expression-problem.ts";
import type { Source, Span } from "./source.ts";
import type { ScalarNode } from "./yaml.ts";

/** Collects what is wrong while a tree is read; reading goes on, so that one run shows every problem. */
export class Problems {
  readonly list: Diagnostic[];
  /** What may be meant, and is told all the same: nothing is refused for it. */
  readonly warnings: Diagnostic[];
  readonly source: Source;
  private readonly rule: Rule;

  constructor(source: Source, rule: Rule = "value", into?: Pick<Problems, "list" | "warnings">) {
    this.source = source;
    this.rule = rule;
    this.list = into?.list ?? [];
    this.warnings = into?.warnings ?? [];
  }

  /** The same list; what is added by this way is of the rule. */
  under(rule: Rule): Problems {
    return new Problems(this.source, rule, this);
  }

  add(span: Span, message: string, hint?: string, related?: Diagnostic["related"]): void {
    this.list.push({
      message,
      source: this.source,
      span,
      rule: this.rule,
      ...(hint === undefined ? {} : { hint }),
      ...(related === undefined ? {} : { related }),
    });
  }

  warn(span: Span, message: string, hint: string, fix?: Fix): void {
    const { source, rule } = this;
    this.warnings.push({
      message,
      source,
      span,
      rule,
      hint,
      warning: true,
      ...(fix === undefined ? {} : { fix }),
    });
  }

  /** A problem that `lint --fix` can end. */
  fixable(span: Span, message: string, hint: string, fix: Fix): void {
    this.list.push({ message, source: this.source, span, rule: this.rule, hint, fix });
  }

  /** A problem inside a text, at its own place when the text stands in the file as it is. */
  within(node: ScalarNode, problem: ExpressionProblem, at = 0): void {
    const place = (span: Span): Span =>
      node.inner === undefined
        ? node.span
        : { start: node.inner + at + span.start, end: node.inner + at + span.end };
    const { fix } = problem;
    this.list.push({
      message: problem.message,
      source: this.source,
      span: place(problem.span),
      rule: "expression",
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      // What does not stand in the file as it is cannot be written there.
      ...(fix === undefined || node.inner === undefined ? {} : { fix: { ...fix, span: place(fix.span) } }),
    });
  }
}
