"""What every drawing must stand: its texts can be read against what lies behind them, and none is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ENOUGH = 4.5
MOST_CUT_PX = 1

TEXTS = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
    const over = (under, css, opacity) => {
        canvas.clearRect(0, 0, 1, 1)
        canvas.fillStyle = css
        canvas.fillRect(0, 0, 1, 1)
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
        const part = a / 255 * opacity
        return [r, g, b].map((value, at) => value * part + under[at] * (1 - part))
    }
    const light = (rgb) => rgb.map((value) => value / 255)
        .map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0)
    const ratio = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b)
        return (high + 0.05) / (low + 0.05)
    }
    const page = (node) => {
        const stack = []
        for (let one = node; one instanceof Element; one = one.parentElement) stack.push(one)
        return stack.reverse().reduce((under, one) => over(under, getComputedStyle(one).backgroundColor, 1),
            over([255, 255, 255], 'Canvas', 1))
    }
    const holds = (box, x, y) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom
    const told = []
    for (const svg of document.querySelectorAll('svg.chart')) {
        const frame = svg.getBoundingClientRect()
        if (!frame.width) continue
        const ground = page(svg.parentElement)
        const shapes = []
        for (const one of svg.querySelectorAll('rect, circle, path, polygon, ellipse, text')) {
            const style = getComputedStyle(one)
            if (one.tagName !== 'text') {
                const opacity = Number(style.opacity) * Number(style.fillOpacity)
                if (style.fill !== 'none' && opacity) shapes.push([one.getBoundingClientRect(), style.fill, opacity])
                continue
            }
            const box = one.getBoundingClientRect()
            const y = box.top + box.height / 2
            const ratios = [0.02, 0.25, 0.5, 0.75, 0.98].map((part) => {
                const x = box.left + box.width * part
                const behind = shapes.filter(([shape]) => holds(shape, x, y))
                    .reduce((under, [, fill, opacity]) => over(under, fill, opacity), ground)
                return ratio(over(behind, style.fill, Number(style.opacity) * Number(style.fillOpacity)), behind)
            })
            told.push({
                text: `${svg.getAttribute('aria-label')}: ${one.textContent}`,
                ratio: Math.min(...ratios),
                cut: Math.max(
                    frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom,
                ),
            })
        }
    }
    return told
}"""


def texts_of(page: Page) -> list[dict[str, Any]]:
    """Measure every text of every drawing that is shown: its contrast with what lies behind it, and what is cut off."""
    told: list[dict[str, Any]] = page.evaluate(TEXTS)
    return told


def faults_of(texts: list[dict[str, Any]]) -> list[str]:
    """Say which texts cannot be read, and which run out of their drawing."""
    faint = [f"{one['text']} has a contrast of {one['ratio']:.2f}" for one in texts if one["ratio"] < ENOUGH]
    return faint + [f"{one['text']} is cut by {one['cut']:.1f} px" for one in texts if one["cut"] > MOST_CUT_PX]
