"""The figures of a benchmark as a picture: how many runs a second, and how long each took, by the number of clients."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 300, 64, 40, 56
STYLE = ("text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.g{stroke:#ddd}.a{fill:none;stroke:#1f6feb;stroke-width:2}"
         ".b{fill:none;stroke:#d1570c;stroke-width:2;stroke-dasharray:6 3}"
         "@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}")


def scale(highest):
    """A round number not below it."""
    step = 1
    while step * 10 < highest:
        step *= 10
    return next(step * n for n in (1, 2, 4, 5, 8, 10) if step * n >= highest)


def panel(at, title, xs, lines):
    """One diagram: lines is [(name, class, values)]; xs are evenly spaced."""
    width, height = (WIDTH - LEFT - GAP) / 2 - 30, HEIGHT - TOP - 70
    top = scale(max(v for _, _, values in lines for v in values))

    def place(i, v):
        return at + i * width / (len(xs) - 1), TOP + height - v * height / top

    parts = [f'<text class="t" x="{at}" y="{TOP - 16}">{title}</text>']
    for n in range(5):
        y = TOP + height - n * height / 4
        parts.append(f'<path class="g" d="M{at} {y:.1f}h{width:.1f}"/>'
                     f'<text x="{at - 6}" y="{y + 4:.1f}" text-anchor="end">{top * n / 4:g}</text>')
    for i, x in enumerate(xs):
        parts.append(f'<text x="{place(i, 0)[0]:.1f}" y="{TOP + height + 18}" text-anchor="middle">{x}</text>')
    parts.append(f'<text x="{at + width / 2:.1f}" y="{TOP + height + 36}" text-anchor="middle">clients</text>')
    for n, (name, style, values) in enumerate(lines):
        points = " ".join("{:.1f},{:.1f}".format(*place(i, v)) for i, v in enumerate(values))
        y = TOP + height + 56
        x = at + n * width / 2
        parts.append(f'<polyline class="{style}" points="{points}"/><path class="{style}" d="M{x:.1f} {y - 4}h24"/>'
                     f'<text x="{x + 30:.1f}" y="{y}">{name}</text>')
    return "".join(parts)


def draw(result):
    rows = result["throughput"]["clients"]
    xs = [r["clients"] for r in rows]
    python = result["throughput"]["python"]["per_second"]
    told = ", ".join(f"{r['clients']} clients: {r['per_second']:.0f} a second, p50 {r['p50_ms']:.1f} ms" for r in rows)
    left = panel(LEFT, "print(1), runs a second", xs, [("Vitrine", "a", [r["per_second"] for r in rows]),
                                                     ("starts of python3", "b", [python] * len(xs))])
    right = panel(LEFT + (WIDTH - LEFT - GAP) / 2 + GAP, "ms until the answer", xs, [
        ("p50", "a", [r["p50_ms"] for r in rows]), ("p99", "b", [r.get("p99_ms", r["p90_ms"]) for r in rows])])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">'
            f"<style>{STYLE}</style>{left}{right}</svg>\n")
