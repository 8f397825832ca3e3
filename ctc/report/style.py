"""How the page looks: for screens, light and dark, and for paper. No font or picture is fetched."""

from __future__ import annotations

from ctc.report.colours import DARK, LIGHT, css_classes, css_variables

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",
sans-serif}
main{max-width:1064px;margin:0 auto;padding:0 24px 72px}
header{padding:44px 0 8px}
h1{font-size:2rem;line-height:1.2;margin:0 0 10px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.35rem;line-height:1.3;margin:0 0 6px;letter-spacing:-.01em}
h3{font-size:1rem;margin:22px 0 6px}
p{margin:6px 0 12px;max-width:76ch}
.kicker{color:var(--faint);font-size:.85rem;margin:0 0 10px;letter-spacing:.02em}
.lead{font-size:1.12rem;max-width:72ch}
.question{color:var(--faint);font-style:italic}
.status{border-left:4px solid var(--arrested);padding:8px 14px;background:var(--panel);
border-radius:0 6px 6px 0}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:10px;
margin:22px 0 24px}
.numbers div{background:var(--panel);border-radius:8px;padding:12px 14px;min-width:0}
.numbers dt{color:var(--faint);font-size:.82rem}
.numbers dd{margin:0;font-variant-numeric:tabular-nums}
.numbers .value{font-size:1.2rem;font-weight:600;line-height:1.3}
.numbers .remark{color:var(--faint);font-size:.78rem;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:.9rem;margin:18px 0 0}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
section{border-top:1px solid var(--line);margin-top:40px;padding-top:26px}
figure{margin:18px 0}
figure svg,figure img{display:block;width:100%;height:auto}
figure img{border-radius:10px}
figure .scroll svg{min-width:640px}
figcaption{color:var(--faint);font-size:.85rem;margin-top:8px}
svg text{font-family:inherit}
.f-none{fill:none}
.note{color:var(--faint);font-size:.85rem;margin:4px 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.86rem;width:100%;margin:4px 0 10px;
font-variant-numeric:tabular-nums}
th{color:var(--faint);font-weight:600;vertical-align:bottom}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:break-word}
td.long{min-width:22ch;width:50%}
th.n,td.n{text-align:right;white-space:nowrap}
th.n{white-space:normal}
td code,.hash{overflow-wrap:anywhere}
details{margin:12px 0}
summary{cursor:pointer;color:var(--accent);font-size:.92rem}
pre{background:var(--panel);border-radius:8px;padding:14px 16px;overflow-x:auto;
font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
footer{color:var(--faint);font-size:.82rem;margin-top:48px;border-top:1px solid var(--line);
padding-top:14px}
"""
_PRINT = """
@page{margin:16mm 14mm}
@media print{
body{font-size:10.5pt}
main{max-width:none;padding:0}
header{padding-top:0}
nav{display:none}
section{margin-top:22px;padding-top:16px}
figure,.numbers,tr{break-inside:avoid}
figure .scroll svg{min-width:0}
figure img{max-height:112mm;width:auto;max-width:100%;margin:0 auto}
.numbers{grid-template-columns:repeat(3,1fr)}
.scroll{overflow:visible}
#parameters details::details-content{display:block;content-visibility:visible}
h2,h3,summary{break-after:avoid}
.numbers div,pre{border:1px solid var(--line)}
a{color:inherit}
}
"""


def style_text() -> str:
    """Return the style sheet; paper is always light."""
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"{_RULES}{css_classes()}{_PRINT}"
    )
