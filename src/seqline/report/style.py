"""The page's style sheet: light, dark and print."""

from collections.abc import Iterable

_HUES = (225, 188, 28, 338, 140, 275, 60, 0, 165, 310)

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --paper: #ffffff; --ink: #1a1d23; --soft: #565d6b; --faint: #8a92a1; --line: #e3e6ec;
  --tint: #eef1f6; --accent: #4263eb; --good: #2b8a3e; --bad: #c92a2a; --lost: #e8590c;
}
@media (prefers-color-scheme: dark) { :root {
  --ground: #111317; --paper: #1a1d23; --ink: #e9ebf0; --soft: #a7aebb; --faint: #767e8d; --line: #2c313a;
  --tint: #23272f; --accent: #91a7ff; --good: #69db7c; --bad: #ff8787; --lost: #ff922b;
} }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 64px; }
body {
  margin: 0; background: var(--ground); color: var(--ink); line-height: 1.55; font-size: 15px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", sans-serif;
}
header, nav, main, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 48px; }
h1 { font-size: 38px; line-height: 1.15; letter-spacing: -.02em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 22px; letter-spacing: -.01em; margin: 0 0 4px; }
h3 { font-size: 15px; margin: 28px 0 6px; }
code { font: 12.5px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.direction { margin: 0 0 4px; color: var(--faint); font-weight: 600; letter-spacing: .06em; }
.title { display: grid; justify-items: start; }
.verdict { margin: 14px 0 0; padding: 3px 12px; border-radius: 99px; font-weight: 600; font-size: 13px; }
.verdict::first-letter { text-transform: uppercase; }
.verdict.good { color: var(--good); background: color-mix(in srgb, var(--good) 14%, transparent); }
.verdict.bad { color: var(--bad); background: color-mix(in srgb, var(--bad) 14%, transparent); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 28px 0 20px; }
.tile, section { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
.tile { padding: 16px 18px; display: grid; }
.tile b { font-size: 30px; line-height: 1.2; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile span { font-weight: 600; font-size: 13.5px; }
.tile small, small { color: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
nav {
  position: sticky; top: 0; z-index: 2; display: flex; gap: 4px; padding-block: 10px; overflow-x: auto;
  background: color-mix(in srgb, var(--ground) 88%, transparent); backdrop-filter: blur(8px);
}
nav a { color: var(--soft); text-decoration: none; padding: 4px 12px; border-radius: 99px; font-size: 14px; }
nav a:hover, nav a:focus-visible { color: var(--ink); background: var(--tint); }
section { padding: 26px 28px; margin: 10px 0 22px; }
.lead { color: var(--soft); margin: 0 0 18px; max-width: 78ch; }
.soft { color: var(--soft); margin: 0 0 8px; }
.faint { color: var(--faint); }
.note { color: var(--soft); font-size: 13px; margin: 14px 0 0; }
.missing { color: var(--soft); margin: 6px 0; padding: 10px 14px; border-radius: 8px; background: var(--tint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
.number, th.number { text-align: right; white-space: nowrap; }
table:not(.examples, .artifacts) th:not(:first-child) { text-align: right; }
#lineage table th { text-align: left !important; }
#lineage td { text-align: left; overflow-wrap: anywhere; }
.model { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; font-weight: 600; }
.dot { width: 10px; height: 10px; border-radius: 50%; background: var(--series); }
.legend { display: flex; gap: 20px; margin: 0 0 6px; font-size: 13.5px; }
.shaded { background: color-mix(in srgb, var(--accent) calc(var(--share) * .22), transparent); padding-right: 10px; }
.slices td, .slices th { padding: 7px 10px; }
.none { color: var(--faint); } .some { color: var(--lost); font-weight: 600; }
figure { margin: 0 0 14px; }
figcaption { font-size: 13px; color: var(--soft); font-weight: 600; }
.wide { overflow-x: auto; } .wide .chart { min-width: 680px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 18px; }
.chart { width: 100%; height: auto; display: block; overflow: visible; }
.chart text { fill: var(--ink); font-size: 12px; font-family: inherit; }
.chart .label { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.chart .name { font-weight: 650; font-size: 14px; fill: var(--series); }
.grid { stroke: var(--line); fill: none; }
.line { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; }
.series circle { fill: var(--series); }
.series .bubble { fill-opacity: .22; stroke: var(--series); stroke-width: 1.6; }
.series .hollow { fill-opacity: 0; stroke-dasharray: 4 3; }
.whisker { stroke: var(--series); stroke-width: 1.6; fill: none; }
.series .name, .series .label { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.leader { stroke: var(--faint); stroke-width: .8; fill: none; }
.waterfall { display: grid; gap: 5px; margin: 4px 0 8px; }
.step { display: grid; grid-template-columns: 190px 1fr 76px 56px; gap: 12px; align-items: center; font-size: 14px; }
.track { display: block; background: linear-gradient(var(--line), var(--line)) center/100% 1px no-repeat; }
.bar { display: block; height: 16px; min-width: 2px; border-radius: 4px; background: var(--accent); }
.bar.whole { background: var(--faint); } .bar.lost { background: var(--lost); } .bar.kept { background: var(--good); }
.count, .share { text-align: right; font-variant-numeric: tabular-nums; } .share { color: var(--faint); }
.noise { max-width: 620px; }
.meter { display: inline-block; width: 110px; height: 8px; border-radius: 4px; background: var(--tint); }
.meter { margin-right: 10px; } .noise .share { display: inline-block; width: 52px; color: inherit; }
.meter span { display: block; height: 100%; border-radius: 4px; background: var(--good); }
details { margin-top: 20px; } summary { cursor: pointer; font-weight: 600; font-size: 14px; }
.examples { margin-top: 10px; font-size: 13px; } .rule { white-space: nowrap; font-weight: 600; }
.text { overflow-wrap: anywhere; }
.sample { display: grid; grid-template-columns: minmax(300px, 1fr) 1.1fr; gap: 12px 36px; padding: 20px 0; }
.sample { border-top: 1px solid var(--line); }
.sample dl { margin: 0; display: grid; gap: 8px; align-content: start; }
.sample dl div { display: grid; grid-template-columns: 104px 1fr; gap: 12px; }
.sample dt { color: var(--soft); font-size: 13px; padding-top: 1px; } .sample dd { margin: 0; }
.exact { margin-left: 10px; color: var(--good); font-size: 12px; white-space: nowrap; }
.attention { min-width: 0; overflow-x: auto; }
.attention figcaption { font-weight: 400; } .attention .chart { overflow: hidden; }
.chart .piece { font-size: 13px; } .cell { fill: var(--tint); } .heat { fill: var(--accent); }
.checks { list-style: none; margin: 0 0 16px; padding: 0; display: grid; gap: 8px; }
.checks li { display: grid; grid-template-columns: 22px 160px 1fr; gap: 8px; }
.checks .sign { font-weight: 700; } .passed .sign { color: var(--good); } .failed .sign { color: var(--bad); }
footer { padding-block: 8px 48px; color: var(--faint); font-size: 13px; }
@media (max-width: 640px) {
  section { padding: 20px 16px; } header, nav, main, footer { padding-inline: 14px; }
  .step { grid-template-columns: 110px 1fr 62px; } .share { display: none; }
  .checks li { grid-template-columns: 22px 1fr; } .checks li span:last-child { grid-column: 2; }
  .sample dl div { grid-template-columns: 1fr; gap: 0; } .sample { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --paper: #fff; --ink: #000; --soft: #444; --faint: #777; --line: #ccc;
    --tint: #eee; --accent: #4263eb; }
  body { font-size: 11px; } nav { display: none; } section { break-inside: auto; border: 0; padding: 12px 0; }
  h2, h3, .lead, .legend { break-after: avoid; } .tiles { grid-template-columns: repeat(5, 1fr); gap: 6px; }
  .tile b { font-size: 20px; } .charts { grid-template-columns: repeat(3, 1fr); } .wide .chart { min-width: 0; }
  .scroll, .wide, .attention { overflow: visible; } .attention .chart { max-width: 100%; }
  table, th, td, small, .note, .sample { font-size: 10px; } th, td { padding: 4px 8px 4px 0; } .lead { orphans: 3; }
  .sample, figure, tr, .tile { break-inside: avoid; } * { print-color-adjust: exact; }
}
"""


def colours(models: Iterable[str]) -> str:
    """A colour for each model, by the class of its name; darker ones where the page is light."""
    hues = [(model, _HUES[place % len(_HUES)]) for place, model in enumerate(models)]
    light, dark = (
        " ".join(f".{model} {{ --series: hsl({hue} {tone}); }}" for model, hue in hues)
        for tone in ("75% 42%", "85% 72%")
    )
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"
