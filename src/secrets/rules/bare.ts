import { bare, becomes, named, rule, word, words, type RedactionRule } from "../words.ts";
import { scheme } from "./tokens.ts";

/** How a sentence gives the value of what it names. */
const said = "(?:is|was|has|has the value|is set to|was set to|set to|changed to|equals)\\s{1,3}";
/** Eight signs or more, a letter among them. Whether it is a word of the sentence, `isSecret` says. */
const secretly = `(?=[^\\s"']{0,100}?[a-z])[^\\s"',;()]{8,}`;

/** Values without quotes: they end where the text around them goes on. */
export const bareRules: readonly RedactionRule[] = [
  // Whoever has it is who logged in. A short one, or one of digits alone, is a count or a name.
  // finds: PHPSESSID=«0123456789abcdef»
  // leaves: session_id: 12345
  rule(
    "session",
    "sess",
    `((?<=(?<![a-z])(?:php|j)?)sess(?:ion)?[_-]?(?:id|key)?\\\\{0,3}["']?\\s{0,2}[:=]\\s{0,2}\\\\{0,3}["']?)((?=[\\w%+/=.~-]{0,100}?\\d)(?=[\\w%+/=.~-]{0,100}?[a-z])[\\w%+/=.~-]{16,})`,
    "iy",
  ),
  // finds: connect.sid=«s%3Aabc.def»
  // leaves: connect.sidecar=1
  rule(
    "session",
    "connect.sid",
    `(connect\\.sid["']?\\s{0,2}[:=]\\s{0,2}["']?)(s(?::|%3A)[^\\s"';,]+)`,
    "iy",
  ),
  // As one word of a name written in one: dbPass.
  // finds: dbPass=«hunter2»
  // leaves: bypassed=3
  named(
    "pass",
    "pass",
    `((?<=[a-z0-9])Pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|${bare}{3,})`,
    "y",
  ),
  // finds: pass: «hunter2»
  // leaves: pass: true
  named(
    "pass",
    "pass",
    `((?<![a-z])pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|${bare}{3,})`,
    "iy",
  ),
  // finds: password=«hunter2»
  // leaves: password = $PGPASSWORD
  named(
    "assign",
    word,
    `(${words}["']?\\]?${becomes}(?:\\[(?![a-z _-]{1,40}\\]))?)(?!${scheme}\\s)(?!(?<=["']\\s{0,60}:\\s{0,60})-?\\d[\\d.]{0,40}(?:e[+-]?\\d{1,3})?\\s{0,3}[,}\\]])(?![{[(]|["']|\\^\\[)(${bare}{3,})`,
    "iy",
  ),
  // Columns, as a table or a listing has them.
  // finds: db_password      «hunter2hunter2»
  // leaves: db-token      Opaque      2
  named(
    "column",
    word,
    `(${words}(?:\\t|  )[ \\t]{0,60})((?=[^\\s]{0,100}?\\d)(?=[^\\s]{0,100}?[a-z])[\\w+/=.~!-]{8,})(?=\\s|$)`,
    "iy",
  ),
  // In a sentence of a failed expectation; only what no sentence has there.
  // finds: json.api_key is «0a1b2c3d4e5f»
  // leaves: token is expired by 12m
  named("operand", word, `(${words}["']? ${said}["']?)(${secretly})`, "iy"),
  // finds: db_token was ‹secret:known:00000000› and is «0a1b2c3d4e5f»
  // leaves: the token was old and is new
  named(
    "operand",
    word,
    `(${words}["']? (?:is|was) ["']?[^\\s"']{1,200}["']? (?:and|but) (?:is|was) ["']?)(${secretly})`,
    "iy",
  ),
];
