import { becomes, named, quoteBefore, word, words, type RedactionRule } from "../words.ts";
import { scheme } from "./tokens.ts";

/** Not the quote that ends a text, with the next of a list or a structure behind it. */
const opens = `(?!\\s{0,3}[,}\\]:]\\s{0,3}(?:[\\\\"'{}[\\]]|$))`;

/** Values in quotes, in tags, in fields: where a sign says where the value ends. */
export const quotedRules: readonly RedactionRule[] = [
  // "name": "value" of JSON, whole or cut off with a mark, and the same inside a text that JSON holds.
  // finds: {"db_password": "«hunter2»"}
  // leaves: {"token_type": "bearer"}
  named(
    "key",
    word,
    `("[\\w.-]{0,40}?${words}"\\s{0,60}:\\s{0,60}(?:\\[\\s{0,20})?"${opens})((?:[^"\\\\]|\\\\.)+)(?=["…])`,
    "iy",
    quoteBefore,
  ),
  // A quote inside of JSON is escaped, inside of CSV it is doubled, and one may be in the other.
  // finds: {"log": "{\"password\": \"«hunter2»\"}"}
  // leaves: {"log": "{\"user\": \"lav\"}"}
  named(
    "escaped",
    word,
    `(${words}(?:\\\\{0,7}["']{1,2})?${becomes}(?:\\\\{1,7}"{1,2}|""(?![\\s,;}\\]]))${opens})((?:[^"\\\\]|\\\\(?!\\\\{0,6}"))+)(?=["\\\\…]|$)`,
    "iy",
  ),
  // finds: Cookie: «a=1; b=2»
  // leaves: a cookie was set
  named("cookie", "cookie", "(cookie:\\s{1,3})([^\\r\\n\"'\\\\]+)", "iy"),
  // finds: password = "«hunter2»"
  // leaves: the "password" was asked for
  named("quoted", word, `(${words}["']?\\]?${becomes}(?:some\\()?[bru]?"${opens})([^"]+)(?=["…])`, "iy"),
  // finds: password = '«it''s»'
  // leaves: the 'password' was asked for
  named("quoted", word, `(${words}["']?\\]?${becomes}(?:some\\()?[bru]?'${opens})((?:[^']|'')+)(?=')`, "iy"),
  // A name and its value as two fields, and as two attributes.
  // finds: {"name": "DB_PASSWORD", "value": "«hunter2»"}
  // leaves: {"name": "token_type", "value": "bearer"}
  named(
    "pair",
    word,
    `(${words}\\\\{0,3}["']\\s{0,3},?\\s{0,20}(?:\\\\{0,3}["']?type\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']\\w{1,20}\\\\{0,3}["'],?\\s{0,3})?\\\\{0,3}["']?(?:(?:old|new)_)?value\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["'])([^"'\\\\]+)`,
    "iy",
  ),
  // finds: - name: DB_PASSWORD⏎  value: «hunter2»
  // leaves: - name: DB_PASSWORD⏎  valueFrom: x
  named(
    "pair",
    word,
    `(name:\\s{1,3}[\\w.-]{0,40}?${words}\\s{0,3}\\n\\s{1,40}value:\\s{1,3}["']?)([^\\s"'{]+)`,
    "iy",
    nameBefore,
  ),
  // finds: <password type="x">«hunter2»</password>
  // leaves: <password/>
  named(
    "element",
    word,
    `(${words}(?:["'])?(?:\\s{1,60}[\\w:.-]{1,40}=[^<>]{0,200})?>)([^<]+)(?=<\\/)`,
    "iy",
    undefined,
    {
      sign: "<",
      whole: "</",
    },
  ),
  // finds: <apiKey><![CDATA[«a1b2c3»]]></apiKey>
  // leaves: <apiKey><![CDATA[]]></apiKey>
  named("element", word, `(${words}>\\s{0,20}<!\\[CDATA\\[)([^\\]]{1,4096})(?=\\]\\])`, "iy"),
  // finds: password: |⏎  «hunter2»
  // leaves: password: |⏎
  named("block", word, `(${words}["']?:\\s{0,3}[|>][+-]?\\s{0,3}\\n\\s{1,40})([^\\n]+)`, "iy"),
  // finds: ?password%3D«hunter2»&x=1
  // leaves: ?password%20reset
  named(
    "encoded",
    word,
    `(${words}(?:%22|%27)?(?:%20|\\+){0,3}%3[ad](?:%20|\\+){0,3}(?:%22|%27)?(?:${scheme}(?:%20|\\+))?)((?:[^\\s'"&,;%\\\\]|%(?!2[267c]))+)`,
    "iy",
  ),
];

function nameBefore(text: string, at: number): number | undefined {
  const start = text.slice(Math.max(0, at - 50), at).lastIndexOf("name:");
  return start === -1 ? undefined : Math.max(0, at - 50) + start;
}
