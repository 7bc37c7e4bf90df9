import { begin, rule, type RedactionRule } from "../words.ts";

/** What may stand behind "Authorization:" before the secret itself. */
export const scheme =
  "(?:bearer|basic|digest|token|apikey|negotiate|ntlm|bot|googlelogin|kerberos|hawk|oauth|sharedaccesssignature|aws4-hmac-sha256)";
/** Half a word may stand before a vendor's prefix: what follows is long enough to be nothing else. */
const glued = "(?<![A-Za-z](?=[A-Z]))";

/** Headers of logins, and tokens that their makers marked. */
export const tokenRules: readonly RedactionRule[] = [
  // finds: Authorization: Basic «hunter2»
  // leaves: Authorization: Bearer $TOKEN
  rule(
    "header",
    "authorization",
    `(authorization\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?${scheme}\\s{1,3}(?:auth=)?)(?![\\w-]{1,20}=["\\w])(?![*•]{3}|<[\\w -]{1,30}>|\\[[\\w -]{1,30}\\]|\\{\\{|\\$[{(])([^\\s"'\\\\,;]+)`,
    "iy",
  ),
  // finds: Digest username="lav", nonce="0a", response="«0123456789abcdef»"
  // leaves: Digest username="lav", qop="auth"
  rule(
    "header",
    `nonce=" response="`,
    `((?<=\\bdigest\\b[^\\n]{0,400})(?:c?nonce|response)=")([\\w+/=-]{8,})(?=")`,
    "iy",
  ),
  // Elsewhere only what no sentence says: "basic authentication" is not a secret.
  // finds: sent Bearer «abc123def456»
  // leaves: Basic authentication is off
  rule(
    "bearer",
    "bearer basic negotiate",
    `(${begin}(?:bearer|basic|negotiate)\\s{1,3})(?=[a-z_-]{0,200}[0-9+/=.~]|[a-z_-]{24})([a-z0-9+/=_.~-]{6,})`,
    "iy",
  ),
  // finds: got «eyJhbGciOiJI.eyJzdWIiOiIx.c2ln» from it
  // leaves: eyJ is how each begins
  rule("jwt", "eyj", `()(eyJ[\\w-]{8,}(?:\\.[\\w-]{8,}(?:\\.[\\w-]*){1,3}|(?:\\.[\\w-]*)?(?=…)))`),
  // finds: key «AKIAIOSFODNN7EXAMPLE» used
  // leaves: AKIA is how each begins
  rule("aws", "akia asia", `()((?<![A-Z])(?:AKIA|ASIA)[A-Z0-9]{16}\\b)`),
  // finds: token «ghp_0123456789abcdefghij» used
  // leaves: npm_config_cache=/x
  rule(
    "vendor",
    "gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ glpat- glrt- glptt- gldt- glcbt- glsoat- glft- glimt- glagent- glffct- gr1348941 npm_ pypi- hf_ atbb atatt3 dckr_pat_ dckr_oat_ rubygems_",
    `()(${glued}(?:gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|gl(?:pat|rt|ptt|dt|cbt|soat|ft|imt|agent|ffct)-[\\w.-]{16,}|GR1348941[\\w-]{16,}|npm_\\w{30,}|pypi-[\\w-]{30,}|hf_[A-Za-z0-9]{30,}|ATBB\\w{28,}|ATATT3[\\w=-]{30,}|dckr_[po]at_[\\w-]{20,}|rubygems_[0-9a-f]{40,}))`,
  ),
  // finds: with «AIza0123456789abcdefghijklmnopqrst» in it
  // leaves: do_v1 and ya29 are how some begin
  rule(
    "vendor",
    "aiza gocspx- ya29. dop_v1_ doo_v1_ dor_v1_ eaac eaaa age-secret-key- pul- tskey- gsk_ .atlasv1. 8q~ 1//0 t3blbkfj",
    `()((?:AIza[\\w-]{30,}|GOCSPX-[\\w-]{20,}|ya29\\.[\\w-]{20,}|do[opr]_v1_[0-9a-f]{40,}|(?<![A-Za-z0-9+/])EAA[AC](?!AA)[\\w-]{40,}|AGE-SECRET-KEY-\\w{10,}|pul-[0-9a-f]{40}|tskey-[a-z]{3,10}-[\\w-]{16,}|gsk_\\w{40,}|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{40,}|\\w{3}8Q~[\\w.~-]{30,}|1\\/\\/0[\\w-]{40,}|sk-\\w{20}T3BlbkFJ\\w{20}))`,
    "y",
    markBefore,
  ),
  // finds: and «whsec_0123456789abcdef0123»
  // leaves: SG.1 and key-value are none
  rule(
    "vendor",
    "xox xapp- sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sg. key- hvs. hvb. hvr. shpat_ shpss_ shpca_ shppa_ sk-proj- sk-ant- sk-svcacct- sk-admin- lin_api_ secret_ ntn_ pmak- dapi nrak- glsa_ glc_ figd_ sntrys_ sntryu_ sq0csp- sq0atp- xkeysib-",
    `()(${glued}(?:xox[abcdeoprs](?:\\.xox[bp])?-[\\w-]{10,}|xapp-\\d-[\\w-]{16,}|[rs]k_(?:live|test)_\\w{10,}|whsec_[\\w+/]{16,}|SG\\.[\\w-]{16,}\\.[\\w-]{20,}|key-[0-9a-f]{32}\\b|hv[bsr]\\.[\\w-]{20,}|shp(?:at|ss|ca|pa)_[0-9a-f]{32}|sk-(?:proj|ant|svcacct|admin)-[\\w-]{16,}|lin_api_\\w{30,}|secret_[A-Za-z0-9]{43}|ntn_\\w{40,}|PMAK-[0-9a-f-]{40,}|dapi[0-9a-f]{32}|NRAK-\\w{20,}|gl(?:sa|c)_[\\w=]{30,}|figd_[\\w-]{30,}|sntry[su]_[\\w=+/]{40,}|sq0(?:csp|atp)-[\\w-]{20,}|xkeysib-[0-9a-f-]{60,}))`,
  ),
  // With a letter alone before it, so that the length has to say it.
  // finds: twilio «SK0123456789abcdef0123456789abcdef»
  // leaves: SK and vault s.12
  rule("vendor", "twilio", "(twilio[^\\n]{0,60}?\\b)(SK[0-9a-f]{32})\\b", "iy"),
  // finds: vault «s.0123456789abcdefghijABCD»
  // leaves: vault s.12
  rule("vendor", "vault", "(vault[^\\n]{0,60}?\\b)(s\\.[A-Za-z0-9]{24})\\b", "iy"),
];

/** Where a token begins that is told by what stands in its midst. */
function markBefore(text: string, at: number): number | undefined {
  if (text.startsWith(".", at)) return at - 14 < 0 ? undefined : at - 14;
  if (/^t3blbkfj/i.test(text.slice(at, at + 8))) return at < 23 ? undefined : at - 23;
  return /^8q~/i.test(text.slice(at, at + 3)) ? (at < 3 ? undefined : at - 3) : at;
}
