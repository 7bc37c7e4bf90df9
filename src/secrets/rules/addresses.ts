import { rule, schemeBefore, type RedactionRule } from "../words.ts";

/** A scheme and the name of who logs in. */
const user = "[a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:";
const notHidden = "(?!(?:[*•x]{3,}|\\$\\w{1,60}|\\$?\\{[^\\s}]{1,80}\\}{1,2}|<[\\w-]{1,40}>)@)";
/** Digits and then no more of a password: a port. */
const noPort = "(?!\\d{1,5}(?:[\\s/?#,\"'<>;)\\]]|$))";
const host = "@[\\w.-]{1,200}(?::\\d{1,5})?(?=[/?#\\s,;\"'<>)\\]\\\\]|$)";

/** Passwords and keys in addresses and connection strings. */
export const addressRules: readonly RedactionRule[] = [
  // Up to the last @ of the authority: a password may hold one, and a colon.
  // finds: postgres://lav:«hunter2»@db:5432/lav
  // leaves: http://localhost:3001/health
  rule("url", "://", `(${user})(${notHidden}[^\\s/"'<>]+(?=@)|[^\\s/"'<>…]+(?=…))`, "iy", schemeBefore),
  // One that no parser takes: whatever stands between the colon and the last @ before a host.
  // finds: postgres://lav:«hun/ter 2»@db:5432/lav
  // leaves: http://a:80/x, http://b:81/y@z
  rule("url", "://", `(${user}${noPort})(${notHidden}(?!‹)[^\\n<>@]{1,120}?)(?=${host})`, "iy", schemeBefore),
  // The same where a slash is escaped, and percent-encoded in another address.
  // finds: postgres:\/\/lav:«hunter2»@db
  // leaves: http:\/\/localhost:3001\/health
  rule(
    "url",
    ":\\/\\/ :\\\\/\\\\/",
    "([a-z][a-z0-9+.-]{0,30}:\\\\{1,3}\\/\\\\{1,3}\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@))",
    "iy",
    schemeBefore,
  ),
  // finds: ?to=postgres%3A%2F%2Flav%3A«hunter2»%40db
  // leaves: ?to=http%3A%2F%2Flocalhost%3A3001
  rule(
    "url",
    "%3a%2f%2f",
    "([a-z][a-z0-9+.-]{0,30}%3a%2f%2f[^\\s:@/?#\"'<>&%]{0,200}%3a)((?:[^\\s/\"'<>&%]|%(?!40|2f))+(?=%40))",
    "iy",
    schemeBefore,
  ),
  // A key alone, as where errors are reported to.
  // finds: https://«0123456789abcdef0123456789abcdef»@sentry.example/1
  // leaves: ssh://git@example.com/lav
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/)((?=[a-z_-]{0,60}\\d)[\\w-]{20,}(?=@))",
    "iy",
    schemeBefore,
  ),
  // finds: https://bucket/x?X-Amz-Signature=«0123abcd4567»
  // leaves: signature=verified
  rule(
    "signed",
    "signature= sig=",
    "((?<=[?&;]|, ?|0026|amz-|goog-|%26|\\bsr=[^\\s]{0,200})(?:signature|sig)=)((?=[^\\s]{0,200}?\\d)[^\\s\"'&\\\\]{8,})",
    "iy",
  ),
  // finds: /v1?x=1&key=«0a1b2c3d4e5f6a7b8c9d0e»
  // leaves: /v1?key=orders
  rule(
    "signed",
    "?key= &key= ?code= &code=",
    "([?&](?:key|code)=)((?=[\\w-]{0,100}?\\d)(?=[\\w-]{0,100}?[a-z])[\\w-]{20,})",
    "iy",
  ),
  // finds: https://hooks.slack.com/services/«T000/B000/XXXX»
  // leaves: https://hooks.slack.com/docs
  rule("slack", "hooks.slack.com", "(hooks\\.slack\\.com\\/(?:services|workflows|triggers)\\/)([\\w/]+)"),
  // finds: https://discord.example/api/webhooks/123/«abcDEF»
  // leaves: GET /api/webhooks/list
  rule("hook", "/api/webhooks/", "(\\/api\\/webhooks\\/\\d{1,30}\\/)([\\w-]+)"),
  // finds: https://lav.webhook.office.com/webhookb2/«0a1b@2c3d/IncomingWebhook/4e5f/6a7b»
  // leaves: https://lav.webhook.office.com/docs
  rule("hook", "webhookb2/ /webhook/", "(\\.office\\.com\\/webhook(?:b2)?\\/)([\\w@/-]+)", "y", officeBefore),
  // finds: https://api.telegram.org/bot«123:abc»/getMe
  // leaves: https://api.telegram.org/robots.txt
  rule("hook", "api.telegram.org/bot", "(api\\.telegram\\.org\\/bot)([\\w:-]+)"),
  // In braces, as ODBC and JDBC take what holds their own signs.
  // finds: Uid=lav;Pwd={«a;b}}c»};Encrypt=yes
  // leaves: password: { type: string }
  rule("braced", "pwd={ password={", "((?:pwd|password)=\\{)((?:[^{}\\n]|\\}\\}){1,400})(?=\\})", "iy"),
  // finds: jdbc:oracle:thin:lav/«hunter2»@db:1521/lav
  // leaves: jdbc:oracle:thin:@db:1521/lav
  rule("url", "jdbc:oracle:", "(jdbc:oracle:\\w{1,10}:[^\\s/@:]{1,100}\\/)([^\\s@]+)(?=@)"),
];

function officeBefore(text: string, at: number): number | undefined {
  const begin = ".office.com/";
  const start = text.startsWith("/", at) ? at + 1 - begin.length : at - begin.length;
  return start >= 0 && text.startsWith(begin, start) ? start : undefined;
}
