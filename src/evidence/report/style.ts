/** The page's look: the reader's own colours, a phone's width and a printer's paper. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--good:#1a7f37;--bad:#b3261e;--warn:#8a5a00;--bar:#0969da;--card:#f6f8fa}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--good:#4ac26b;--bad:#ff7b72;--warn:#e3b341;--bar:#58a6ff;--card:#161b22}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.3rem;margin:.2rem 0}
h2{font-size:1.05rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
p,dl,ul{margin:.4rem 0}
a{color:var(--bar)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt{color:var(--soft)}
dd{margin:0}
.verdict{font-weight:700}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.soft{color:var(--soft)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.short{white-space:nowrap}
svg{display:block;width:100%;max-width:44rem;height:auto;background:var(--card);border-radius:6px;margin:.4rem 0}
svg text{fill:var(--ink);font:14px system-ui,sans-serif}
svg .soft{fill:var(--soft)}
svg rect{fill:var(--bar)}
svg polyline{fill:none;stroke:var(--bar);stroke-width:2}
code{font-size:.9em}
@media(max-width:40rem){body{padding:.7rem}dl{grid-template-columns:1fr}dt{margin-top:.4rem}
table,tbody,tr,td{display:block;width:100%}thead{display:none}td{border:0;padding:0}td.number{text-align:left}td.short{display:inline;margin-right:.6rem;white-space:normal;color:var(--soft)}td.short.bad{color:var(--bad)}td.short.good{color:var(--good)}svg text{font-size:22px}tr{border-bottom:1px solid var(--line);padding:.4rem 0}
td[data-of]::before{content:attr(data-of) " ";color:var(--soft)}td.short::before{content:none}}
@media print{body{max-width:none}a{color:inherit}}
`;

/** A snapshot's page besides: its timeline's filters, and what is folded. */
export const reportStyle = `
th,td.name{white-space:nowrap}td.name{font-weight:600}
.timeline label{margin-right:1rem;white-space:nowrap}.timeline input{margin:0 .3rem 0 0}
.timeline:has(#by-warning:checked,#by-error:checked) tr.plain,.timeline:has(#by-error:checked) tr.warning{display:none}
details{border-bottom:1px solid var(--line);padding:.4rem 0}
summary{cursor:pointer}
@media(max-width:40rem){td.name{white-space:normal}td.short.warn{color:var(--warn)}}
@media print{.timeline label{display:none}.timeline tr.plain,.timeline tr.warning{display:table-row!important}details::details-content{content-visibility:visible;height:auto}}
`;
