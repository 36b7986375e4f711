"""Takes a picture of one message as the simulator's page shows it to one person."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from local.discord_simulator import Seen, Simulator
from local.discord_simulator.server import SimulatorServer
from local.run.packages import CHROMIUM
from local.servers import program

WIDTH = 900
_HEIGHT = 1400
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_COLOURS = (128, 64, 32, 16)
MOST_BYTES = 40_000
_LOADED = 'id => [...document.querySelectorAll(`[data-id="${id}"] img`)].every(image => image.complete)'
_SHOW = """([user]) => localStorage.setItem("user", user)"""


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser on the page; times are those of New York."""

    page: Page
    url: str

    def take(self, seen: Seen) -> bytes:
        """The message, from edge to edge of the channel, as a PNG of at most 40 kB.

        Raises
        ------
        ValueError
            When it cannot be made that small.
        """
        message = seen.message
        if message is None:
            raise ValueError(f"nothing to show: {seen.text!r}")
        simulator = seen.person.simulator
        channel = simulator.state.channels[message.channel_id]
        self.page.clock.set_fixed_time(simulator.clock.now())
        usual, simulator.cdn.base_url = simulator.cdn.base_url, self.url
        self.page.evaluate(_SHOW, [str(seen.person.user_id)])
        self.page.goto(self.url)
        name = re.compile(rf"\W{re.escape(channel.name or 'direct messages')}$")
        self.page.locator(".channels button").filter(has_text=name).click()
        shown = self.page.locator(f'[data-id="{message.id}"]')
        shown.scroll_into_view_if_needed()
        self.page.wait_for_function(_LOADED, arg=str(message.id))
        self.page.mouse.move(5, 5)
        picture = shown.screenshot()
        simulator.cdn.base_url = usual
        return small(picture)


def small(png: bytes) -> bytes:
    """The picture with as many colours as fit into 40 kB.

    Raises
    ------
    ValueError
        When even the fewest do not.
    """
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in _COLOURS:
        file = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            return file.getvalue()
    raise ValueError(f"{image.size} cannot be made smaller than {MOST_BYTES} bytes")


@contextmanager
def opened(simulator: Simulator) -> Iterator[Camera]:
    """A camera on a simulator of this process."""
    server = SimulatorServer(simulator, 0)
    url = f"http://127.0.0.1:{server.port}"
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program(CHROMIUM), args=list(_FLAGS))
            page = browser.new_page(
                viewport={"width": WIDTH, "height": _HEIGHT}, timezone_id="America/New_York", locale="en-US"
            )
            page.goto(url)
            yield Camera(page, url)
            browser.close()
    finally:
        server.stop()
