#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/io/report/html.hpp>
#include <string_view>

/// What all reports have in common. A report loads nothing: its policy forbids it.
namespace eigencoder::inline EIGENCODER_TARGET::report {

inline constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --page: #fbfbfa; --card: #fff; --ink: #1c2127; --soft: #545d68; --rule: #d8dce1; --grid: #e6e9ed;
  --good: #1b6e3c; --bad: #a8321f; --link: #1553a8; --s0: #1f66c1; --s1: #bd5a00; --s2: #2b7f4e; --s3: #9a3f93; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1b1f24; --ink: #e8eaed; --soft: #a9b2bd; --rule: #3a424c;
  --grid: #2a3038; --good: #6fd195; --bad: #ff9c8a; --link: #8ab8ff; --s0: #79b0ff; --s1: #ffa95c; --s2: #6fd195; --s3: #e39bdd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, nav, main { max-width: 1120px; margin: 0 auto; padding: 0 16px; }
h1 { font-size: 1.6rem; margin: 24px 0 4px; } h2 { font-size: 1.2rem; margin: 0 0 8px; } h3 { font-size: 1rem; margin: 20px 0 6px; }
p { margin: 0 0 10px; max-width: 75ch; } .soft, figcaption, output { color: var(--soft); font-size: .9rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 0; margin: 8px 0 16px; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 16px; margin: 0 0 16px; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; }
.pair > * { min-width: 0; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; } th, td { text-align: left; padding: 3px 14px 3px 0; vertical-align: top;
  border-bottom: 1px solid var(--grid); overflow-wrap: normal; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.settings td { overflow-wrap: anywhere; }
.findings { padding: 0; margin: 0; list-style: none; } .findings li { border-left: 4px solid var(--bad); padding: 2px 0 2px 12px; margin: 0 0 12px; }
.findings strong { display: block; } .well { border-left: 4px solid var(--good); padding: 2px 0 2px 12px; }
figure { margin: 0 0 12px; } figcaption { margin: 0 0 6px; } .key { white-space: nowrap; margin-right: 14px; }
.key::before { content: ""; display: inline-block; width: 14px; height: 4px; border-radius: 2px; background: var(--c); margin-right: 6px;
  vertical-align: middle; }
.frame { display: grid; grid-template: 240px 1.6em / 4.6em 1fr; } .square .frame { grid-template-rows: min(480px, 80vw) 1.6em; }
.ys, .xs, .plot { position: relative; } .ys span { position: absolute; right: 8px; transform: translateY(50%); }
.xs { grid-column: 2; } .xs span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap; }
.xs span:last-child:not(:first-child) { transform: translateX(-100%); }
.ys, .xs { font-size: .78rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.plot { border: 1px solid var(--rule); } svg { display: block; width: 100%; height: 100%; }
svg path { fill: none; stroke: var(--c); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
svg .dots { stroke-width: 7; } svg .grid { stroke: var(--grid); stroke-width: 1; } svg rect { fill: var(--s0); } svg rect:hover { fill: var(--s1); }
.cursor { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1px dashed var(--soft); pointer-events: none; }
.place { position: absolute; transform: translate(-50%, 50%); font: 700 .85rem/1 system-ui; padding: 2px 4px; border-radius: 4px;
  background: var(--card); border: 1px solid var(--c); pointer-events: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); gap: 12px; padding: 0; margin: 0; list-style: none; }
.cards li { min-width: 0; font-size: .78rem; color: var(--soft); font-variant-numeric: tabular-nums; text-align: center; }
.cards.wide { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); } .small { grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); }
img { display: block; width: 100%; height: auto; image-rendering: pixelated; background: #fff; margin: 0 0 3px; }
.spark { height: 70px; border: 1px solid var(--rule); margin-bottom: 3px; }
.row { display: grid; grid-template-columns: 5.2em 1fr; gap: 8px; align-items: center; margin-bottom: 6px; font-size: .8rem; color: var(--soft); }
.row .images { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 64px); gap: 2px; min-width: 0; }
details { font-size: .9rem; } summary { cursor: pointer; color: var(--link); width: max-content; max-width: 100%; }
.bars { display: grid; gap: 3px; font-size: .8rem; } .bars div { display: grid; grid-template-columns: 3em 1fr 9em; gap: 8px; align-items: center; }
.bars i { display: block; height: 10px; background: var(--s0); border-radius: 2px; } .bars .unused i { background: var(--bad); min-width: 3px; }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb; --grid: #ddd; --good: #1b6e3c;
  --bad: #a8321f; --link: #000; --s0: #1f66c1; --s1: #bd5a00; --s2: #2b7f4e; --s3: #9a3f93; }
  nav, details, output { display: none; } section { border: 0; padding: 0; } figure, .cards li, .row, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)css";

/// Tells a chart's values where the pointer is, or where the arrow keys have led.
inline constexpr std::string_view script = R"js(
'use strict';
for (const figure of document.querySelectorAll('figure[data-chart]')) {
  const chart = JSON.parse(figure.dataset.chart);
  const plot = figure.querySelector('.plot'), cursor = figure.querySelector('.cursor'), told = figure.querySelector('output');
  const count = Math.max(...chart.values.map(values => values.length));
  let at = count - 1;
  const show = index => {
    at = Math.min(Math.max(index, 0), count - 1);
    cursor.hidden = false;
    cursor.style.left = (count > 1 ? at / (count - 1) * 100 : 0) + '%';
    told.textContent = chart.x + ' ' + (1 + at * chart.step) + ': ' + chart.names.map((name, k) => name + ' ' +
      (chart.values[k][at] == null ? 'none' : Number(chart.values[k][at].toPrecision(5)))).join(', ');
  };
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    show(Math.round((event.clientX - box.left) / box.width * (count - 1)));
  });
  plot.addEventListener('focus', () => show(at));
  plot.addEventListener('keydown', event => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
}
)js";

inline void begin_page(Html& html, std::string_view title) {
  html << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
          "'unsafe-inline'; script-src 'unsafe-inline'\">\n"
       << "<link rel=\"icon\" href=\"data:,\">\n";
  html.element("title", title) << "\n<style>" << style << "</style>\n</head>\n<body>\n";
}

inline void end_page(Html& html) { html << "<script>" << script << "</script>\n</body>\n</html>\n"; }

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
