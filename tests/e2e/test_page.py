"""The simulator's page in a real browser: what a newcomer does in the first five minutes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dbsbm.core.http import HttpRequest, HttpResponse
from local.discord_simulator.server import SimulatorServer
from tests.e2e.world import World, opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: ./dev test installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Visit:
    """A browser on the page of a world; ``settle`` lets the cloud finish what is under way."""

    page: Page
    world: World
    lock: RLock
    errors: list[str]

    def settle(self) -> None:
        with self.lock:
            self.world.cloud.run_until_idle()

    def be(self, name: str) -> None:
        self.page.locator(".people button", has_text=name).click()
        expect(self.page.locator(".people .open")).to_contain_text(name)

    def command(self, text: str) -> None:
        words = self.page.locator(".composer .words")
        words.fill(text)
        words.press("Enter")
        expect(self.page.locator(".command > b")).to_have_text(text)

    def send(self) -> None:
        self.page.locator(".go").click()
        expect(self.page.locator(".composer .words")).to_be_visible()


@contextmanager
def visiting(browser: Browser, world: World) -> Iterator[Visit]:
    lock = RLock()

    def endpoint(request: HttpRequest) -> HttpResponse:
        with lock:
            return world.cloud.http(request)

    world.simulator.connect(endpoint)
    server = SimulatorServer(world.simulator, 0)
    world.simulator.cdn.base_url = f"http://127.0.0.1:{server.port}"
    server.start()
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.set_default_timeout(WAIT_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(f"http://127.0.0.1:{server.port}/")
        page.locator(".channels button", has_text="slips").click()
        yield Visit(page, world, lock, errors)
    finally:
        page.close()
        server.stop()
    assert errors == []


@pytest.fixture
def visit(browser: Browser, database_url: str) -> Iterator[Visit]:
    with opened(database_url) as world, visiting(browser, world) as visit:
        yield visit


def test_a_newcomer_sets_up_posts_a_bet_grades_it_and_reads_the_record(visit: Visit) -> None:
    page, world = visit.page, visit.world
    world.game()
    visit.be("Olga")
    visit.command("/setup")
    for number, label in enumerate(("#slips", "@capper", "@grader")):
        page.locator(".command select").nth(number).select_option(label=label)
    visit.send()
    expect(page.locator(".message")).to_contain_text("Only you can see this")
    visit.command("/capper add")
    page.locator(".command select").select_option(label="@Ann the Sharp")
    visit.send()

    visit.be("Ann")
    expect(page.locator(".message")).to_have_count(0)
    visit.command("/bet")
    page.locator(".option input").fill("chiefs -3 -110 2u")
    choice = page.locator(".picker [role=option]").first
    expect(choice).to_contain_text("Chiefs −3 (−110) 2u")
    choice.click()
    visit.send()
    preview = page.locator(".message").last
    expect(preview).to_contain_text("Chiefs −3 (−110) 2u")
    visit.settle()
    expect(preview.locator(".picture img")).to_be_visible()
    preview.locator("button", has_text="Post").click()
    expect(preview).to_contain_text("Posted in")
    visit.settle()

    visit.be("Bob")
    slip = page.locator(".message")
    expect(slip).to_have_count(1)
    expect(slip.locator(".who")).to_contain_text("Ann the Sharp")
    expect(slip.locator(".picture img")).to_have_attribute(
        "alt", "Bet slip: Chiefs −3 (−110) 2u, Chiefs @ Raiders, Sun Sep 13 8:20 PM EDT"
    )
    page.wait_for_function("[...document.querySelectorAll('.picture img')].every((image) => image.naturalWidth > 600)")


def test_a_modal_opens_and_its_answer_changes_the_preview(visit: Visit) -> None:
    page = visit.page
    visit.world.set_up()
    visit.be("Ann")
    visit.world.ann.at("slips").slash("bet", pick="chiefs -3 -110 2u")
    page.locator(".message button", has_text="Edit").click()
    field = page.locator("#modal input").first
    expect(field).to_be_visible()
    field.fill("chiefs ml 3u")
    page.locator("#modal button", has_text="Submit").click()
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.locator(".message").last).to_contain_text("Chiefs ML")


def test_a_refusal_by_the_client_is_said_in_words(visit: Visit) -> None:
    visit.be("Olga")
    visit.command("/bet")
    visit.page.locator(".go").click()
    expect(visit.page.locator("#notice")).to_contain_text("required")


def test_words_typed_by_people_are_never_markup(visit: Visit) -> None:
    visit.be("Bob")
    words = visit.page.locator(".composer .words")
    words.fill("<img src=x onerror=alert(1)> **bold** <b>no</b>")
    words.press("Enter")
    message = visit.page.locator(".message .markdown")
    expect(message).to_contain_text("<img src=x onerror=alert(1)> bold <b>no</b>")
    expect(message.locator("strong")).to_have_text("bold")
    assert visit.page.locator(".message .markdown img").count() == 0


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit.page
    visit.world.set_up()
    visit.be("Ann")
    page.locator(".composer .words").focus()
    page.keyboard.type("/be")
    page.keyboard.press("Enter")
    page.keyboard.type("chiefs -3 -110 2u")
    expect(page.locator(".picker [role=option]").first).to_contain_text("Chiefs −3 (−110) 2u")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".message").last).to_contain_text("Risk 2u to win 1.82u")


def test_what_arrives_meanwhile_leaves_focus_where_it_is(visit: Visit) -> None:
    page = visit.page
    visit.world.set_up()
    visit.be("Ann")
    visit.world.ann.at("slips").slash("bet", pick="chiefs -3 -110 2u")
    edit = page.locator(".message button", has_text="Edit")
    edit.focus()
    visit.world.bob.at("slips").says("hello there")
    expect(page.locator(".message").last).to_contain_text("hello there")
    expect(edit).to_be_focused()
