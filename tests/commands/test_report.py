"""Reports of real runs: finished, stopped, killed, and without frames, events or colonies."""

from __future__ import annotations

import csv
import html.parser
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ctc import pipeline
from ctc.cli.main import main
from ctc.errors import StoppedEarly
from ctc.record.reader import open_run
from ctc.report import writing
from ctc.report.markup import POLICY
from ctc.report.writing import FIGURES as ALL_FIGURES
from ctc.report.writing import TABLES as ALL_TABLES
from ctc.resources import resource_folder
from tests.commands.asking import SCENARIO, TINY, start
from tests.commands.conftest import Ask

# A month in seconds, with some colonies; the title would run if it were not escaped.
TITLE = "<script>document.body.remove()</script> <img src=x onerror=alert(1)> & 'so'"
COLONISING = (
    *("--set", "body.terminals=2000", "--set", "run.duration='60 days'"),
    *("--set", "run.epoch='2 days'", "--set", "source.mass='0.02 g'"),
    *("--set", "source.stop='30 days'", "--set", "override.tissue.colony_factor=20"),
    *("--set", "override.tissue.organ.default.doubling_time='5 days'"),
    *("--set", "record.events='all'", "--set", f"scenario.title={TITLE}"),
)
QUICK = resource_folder("scenarios") / "quick.toml"
VOID = {"meta", "img", "path", "br", "hr"}


# What only runs with a calendar have: tests/unit/report looks at these.
OF_PATIENTS = {"patient", "ctc_counts", "tumours_found", "found_and_there", "clinical_course"}
OF_PATIENTS |= {"treatments", "examinations"}
FIGURES = tuple(name for name in ALL_FIGURES if name not in OF_PATIENTS)
TABLES = tuple(name for name in ALL_TABLES if name not in OF_PATIENTS)


class Page(html.parser.HTMLParser):
    """A page: its elements and their text; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID or (tag == "path" and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.words.setdefault(self.open[-1], []).append(data)

    def text(self, tag: str) -> str:
        return "\n".join(self.words.get(tag, []))


@pytest.fixture(scope="module")
def colonising(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("colonising") / "grown.vtkhdf"
    assert main(["run", "quick", *COLONISING, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def page_file(colonising: Path) -> Path:
    target = colonising.with_name("page.html")
    assert main(["report", str(colonising), "-o", str(target)]) == 0
    return target


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Draw the body small: most of the time of a report is its picture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "PICTURE_SIZE", (500, 400))
        yield


def test_the_page_has_every_picture_and_closes_its_numbers(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    page = Page(text)
    figures = {
        attributes["id"] for tag, attributes in page.elements if tag == "figure" and attributes
    }
    assert figures == {f"figure-{name}" for name in FIGURES if name != "body"}
    assert [tag for tag, _ in page.elements].count("svg") == len(FIGURES) - 1
    sentence = re.search(r"Every cell is accounted for: ([\d,]+) shed = (.*?)\.", page.text("p"))
    assert sentence is not None
    shed, parts = sentence.groups()
    counts = [int(n.replace(",", "")) for n in re.findall(r"(?:^|\+ )([\d,]+)", parts)]
    assert sum(counts) == int(shed.replace(",", "")) > 10_000
    assert len(counts) >= 5


def test_nothing_that_a_run_holds_becomes_a_tag_or_a_request(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.text("h1") == TITLE
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "video"}
    policies = [a["content"] for _, a in page.elements if a.get("http-equiv")]
    assert policies == [POLICY]
    assert POLICY.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "srcset", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,")), tag
    style = page.text("style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_same_run_gives_the_same_bytes(ask: Ask, colonising: Path, page_file: Path) -> None:
    assert ask("report", colonising, "-o", "again.html").code == 0
    assert Path("again.html").read_bytes() == page_file.read_bytes()


def test_tables_and_figures_come_as_files(ask: Ask, colonising: Path) -> None:
    for kind, suffix, names in (("csv", ".csv", TABLES), ("png", ".png", FIGURES)):
        answer = ask("report", colonising, "--format", kind, "-o", kind)
        assert answer.code == 0, answer.err
        assert {path.name for path in Path(kind).iterdir()} == {f"{n}{suffix}" for n in names}
        ask("report", colonising, "--format", kind, "-o", kind).assert_refused("--overwrite")
    with Path("csv/fates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with Path("csv/key_numbers.csv").open(encoding="utf-8", newline="") as file:
        keys = {row["name"]: row["value"] for row in csv.DictReader(file)}
    assert sum(int(row["cells"]) for row in rows) == int(keys["shed [cells]"])
    figures = json.loads(ask("inspect", colonising, "--json").out)
    with Path("csv/lesions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == figures["fates"]["colony"]
    assert ask("report", colonising, "--format", "csv", "-o", "csv", "--overwrite").code == 0


def test_a_run_without_events_or_colonies_says_why_sections_are_empty(
    ask: Ask, in_folder: Path
) -> None:
    sparse = ("--set", "record.events=none", "--set", "record.tracked=0")
    stop = ("--set", "run.duration='2 h'", "--set", "record.window=[]")
    assert ask("run", "quick", *TINY, *sparse, *stop, "-o", "sparse.vtkhdf").code == 0
    assert ask("report", "sparse.vtkhdf").code == 0
    text = Page((in_folder / "sparse.html").read_text(encoding="utf-8")).text("p")
    assert "The run stores no events" in text
    assert "No cell has founded a colony" in text


def test_a_tracer_run_has_a_page(ask: Ask, in_folder: Path) -> None:
    few = ("--set", "body.terminals=2000", "--set", "source.0.cells=500")
    assert ask("run", "tracers", *few, "-o", "tracers.vtkhdf").code == 0
    assert ask("report", "tracers.vtkhdf").code == 0
    text = Page((in_folder / "tracers.html").read_text(encoding="utf-8")).text("p")
    assert "A bolus into the aortic root brings 500 inert tracers" in text
    assert "No cell is arrested or settled" in text


def test_a_stopped_run_says_how_far_it_came(ask: Ask, in_folder: Path) -> None:
    overrides = [text for text in TINY if text != "--set"]
    scenario = pipeline.load_scenario(QUICK, overrides=overrides)
    with pytest.raises(StoppedEarly):
        pipeline.run(scenario, in_folder / "early.vtkhdf", device="cpu", max_epochs=3)
    assert ask("report", "early.vtkhdf").code == 0
    text = Page((in_folder / "early.html").read_text(encoding="utf-8")).text("p")
    assert "stopped early" in text
    assert "3 h of 3 days" in text


def test_a_run_in_progress_and_a_killed_one_have_a_page(ask: Ask, in_folder: Path) -> None:
    case = SCENARIO.replace('"1 h"', '"30 days"\nepoch = "10 s"')
    Path("case.toml").write_text(case, encoding="utf-8")
    process = start("run", "case.toml", "-o", "case.vtkhdf")
    try:
        limit = time.monotonic() + 60.0
        while not Path("case.vtkhdf").exists() or open_run("case.vtkhdf").n_epochs < 5:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < limit
            time.sleep(0.05)
        assert ask("report", "case.vtkhdf").code == 0
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    assert "still going" in Page((in_folder / "case.html").read_text(encoding="utf-8")).text("p")
    assert ask("report", "case.vtkhdf", "--overwrite").code == 0
    text = Page((in_folder / "case.html").read_text(encoding="utf-8")).text("p")
    assert "was killed before its end" in text
    assert "Every cell is accounted for" in text or "No cell was shed yet" in text


def test_wrong_requests_are_refused_and_touch_nothing(ask: Ask, tiny_run: Path) -> None:
    Path("mine.html").write_text("mine", encoding="utf-8")
    ask("report", tiny_run, "-o", "mine.html").assert_refused("mine.html", "--overwrite")
    assert Path("mine.html").read_text(encoding="utf-8") == "mine"
    ask("report", tiny_run, "-o", "page.pdf").assert_refused(".html", "page.pdf")
    ask("report", tiny_run, "-o", "no/page.html").assert_refused("no")
    ask("report", tiny_run, "--format", "csv", "-o", "t.html").assert_refused("folder")
    ask("report", "nothing.vtkhdf").assert_refused("nothing.vtkhdf")
    Path("mine").mkdir()
    Path("mine/thesis.csv").write_text("mine", encoding="utf-8")
    refused = ask("report", tiny_run, "--format", "csv", "-o", "mine", "--overwrite")
    refused.assert_refused("thesis.csv")


# Sizes of all pictures, and what the page asked for, as its own last word.
_ASKING = """<script>
addEventListener("load", () => {
 const size = e => { const r = e.getBoundingClientRect(); return [r.width, r.height]; };
 const all = [...document.querySelectorAll("svg, img")];
 const answer = {
  sizes: all.map(size),
  drawn: [...document.images].every(i => i.complete && i.naturalWidth > 100),
  asked: performance.getEntriesByType("resource").map(e => e.name),
  wide: document.documentElement.scrollWidth,
  labels: [...document.querySelectorAll("svg text")].map(t => [size(t)[0], t.textContent])
 };
 const pre = document.createElement("pre");
 pre.id = "answer"; pre.textContent = JSON.stringify(answer);
 document.body.append(pre);
});
</script>"""


@pytest.fixture
def browse(in_folder: Path) -> Callable[..., str]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: the page was not opened in a browser")

    def call(*arguments: str) -> str:
        command = [
            *(program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-background-networking", "--disable-component-update"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={in_folder / 'profile'}"),
            *arguments,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_a_browser_shows_every_picture_and_asks_for_nothing(
    browse: Callable[..., str], page_file: Path
) -> None:
    text = page_file.read_text(encoding="utf-8")
    # The page forbids scripts; a copy lets this one in.
    copy = Path("copy.html").absolute()
    loose = text.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
    assert loose != text
    copy.write_text(loose.replace("</main>", f"</main>{_ASKING}"), encoding="utf-8")
    found = browse("--dump-dom", "--window-size=1200,900", copy.as_uri())
    answer = json.loads(answer_in(found))
    assert len(answer["sizes"]) == len(FIGURES)
    assert all(width > 300 and height > 100 for width, height in answer["sizes"])
    assert answer["drawn"]
    assert answer["asked"] == []
    assert answer["wide"] == 1200  # nothing sticks out
    assert len(answer["labels"]) > 100
    assert all(width > 0 for width, words in answer["labels"] if words.strip())


def answer_in(dom: str) -> str:
    found = re.search(r'<pre id="answer">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


@pytest.mark.parametrize(("scheme", "is_dark"), [(0, True), (1, False)])
def test_a_screenshot_follows_the_ground_that_the_reader_prefers(
    browse: Callable[..., str], page_file: Path, scheme: int, is_dark: bool
) -> None:
    target = Path("shot.png").absolute()
    browse(
        f"--screenshot={target}",
        "--window-size=1200,5000",
        f"--blink-settings=preferredColorScheme={scheme}",
        page_file.as_uri(),
    )
    with Image.open(target) as image:
        pixels = np.asarray(image.convert("L"), dtype=np.float64)
    assert (np.median(pixels) < 60) == is_dark
    # In every band of the page there is something to read.
    assert all(band.std() > 3.0 for band in np.array_split(pixels, 10))
