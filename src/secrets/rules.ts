import { addressRules } from "./rules/addresses.ts";
import { bareRules } from "./rules/bare.ts";
import { commandRules } from "./rules/commands.ts";
import { keyRules } from "./rules/keys.ts";
import { quotedRules } from "./rules/quoted.ts";
import { tokenRules } from "./rules/tokens.ts";
import type { RedactionRule } from "./words.ts";

/**
 * What a secret that nobody named looks like, in the order in which the rules are asked. A rule sees the text that the
 * rules before it left, tokens included, so the order is part of it: the sure ones stand first (a PEM key, a URL's
 * password), those that go by a name behind them, `assign`, which takes almost anything behind `password=`, near the
 * end. A rule that is moved forward takes more than its part, and the token then names the wrong rule.
 *
 * How a rule is read: its name (of the token), the words of which each find holds one (the text is searched for these
 * once; without one no pattern is asked), its pattern with two groups (what stays, and the secret), its flags, and where
 * a find begins when not at its word. A pattern is sticky: it is tried at that place and nowhere else. A rule that is
 * `named` goes by a name in its first group: names.ts says whether that names a secret, and whether the value is one.
 *
 * What must not be broken:
 * - Every repetition that another may follow has a limit, or a megabyte of dots takes a minute.
 * - A rule whose secret has no limit and which asks for what stands behind it reads the text again for each of its
 *   words, unless another of its words would end the first (a quote); otherwise it needs `ends`.
 * - A pattern is its two groups, and behind them what only looks: of the groups alone it is made out where a find is
 *   open (`openFind`), so that a stream does not cut it in two.
 * - `finds` and `leaves` above a rule are tested: the text between « and » is exactly what the rule takes, and no rule
 *   takes anything of the second. ⏎ is a newline.
 */
export const rules: readonly RedactionRule[] = [
  ...keyRules,
  ...addressRules,
  ...tokenRules,
  ...quotedRules,
  ...commandRules,
  ...bareRules,
];
