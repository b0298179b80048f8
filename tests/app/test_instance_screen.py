"""The first screen: whose instance, what is wrong, which groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui.agent.layout import NoAgent
from tui.agent.records import AgentProcess, AgentVersion, OngoingDeployment
from tui.app.app import WANTS_DEMO
from tui.app.overview import agent_line
from tui.app.screens.files import FilesScreen
from tui.app.screens.finding import FindingScreen
from tui.app.screens.instance import FindingList, GroupList
from tui.app.widgets.file_list import FileList
from tui.disk.root import Denied
from tui.forensics.marks import Finding, Severity
from tui.forensics.scan import Progress, Snapshot

from .build import NOW, SHOP, examination_of, instance, shop
from .drive import SIZES, Feed, app_on, cursor_line, failing, finished, lines, press, settled, text, until

NO_AGENT = NoAgent("this machine", ("/etc/codedeploy-agent/conf/codedeployagent.yml", "/opt/codedeploy-agent"))


@pytest.mark.parametrize("size", SIZES)
async def test_what_it_shows(size: tuple[int, int]) -> None:
    async with app_on(finished(shop())).run_test(size=size) as pilot:
        await settled(pilot)
        shown = lines(pilot)
        assert shown[0] == "ip-10-0-0-12 \u00b7 read only \u00b7 this machine"
        assert "agent 1.8.1, running (pid 812) \u00b7 root_dir /opt/codedeploy-agent/deployment-root" in shown[1]
        assert "Findings" in shown[2] and "1 critical \u00b7 1 warning \u00b7 1 note" in shown[2]
        assert [line.split()[0].lstrip(">") for line in shown[3:6]] == ["\u2717", "!", "i"]
        assert shown[3].endswith("2 paths")
        groups = [line.split() for line in shown[7:11]]
        assert groups[1][:5] == [">shop-prod", "d-ABC12DEF3", "2", "h", "5"]
        assert groups[1][5:] == ["1", "2", "0", "removes", "4"]
        assert groups[2][-2:] == ["no", "cleanup"]
        assert groups[3][:2] == ["(no", "group)"] and groups[3][2:] == ["0", "0", "0", "1", "remains"]
        assert shown[-2] == "13 paths in 0.0 s"
        assert shown[-1].endswith("? Help  q Quit")


@pytest.mark.parametrize(
    ("processes", "wanted"),
    [
        (None, "running or not is unknown"),
        ((), "not running"),
        ((AgentProcess(1, "a", None, None), AgentProcess(2, "a", None, None)), "2 agents at once (pids 1, 2)"),
        ((AgentProcess(7, "a", None, None, 1), AgentProcess(8, "a", None, None, 7)), "running (pid 7)"),
    ],
)
async def test_whether_the_agent_runs(processes: object, wanted: str) -> None:
    of = replace(instance(), processes=processes)
    async with app_on(finished(examination_of(SHOP, of))).run_test(size=(120, 24)) as pilot:
        await settled(pilot)
        assert wanted in lines(pilot)[1]


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        (AgentVersion("2.1.0", "/opt/codedeploy-agent/.version"), "agent 2.1.0, "),
        (AgentVersion(None, None), "agent version unknown: version 1's rules, "),
        (AgentVersion(None, None, hint=2), "agent version unknown: version 2's rules, "),
    ],
)
async def test_the_agents_version(version: AgentVersion, wanted: str) -> None:
    of = replace(instance(), version=version)
    async with app_on(finished(examination_of(SHOP, of))).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert lines(pilot)[1].startswith(wanted)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 160])
def test_what_gives_way_in_the_agents_line_is_the_path_of_root_dir(width: int) -> None:
    agents = tuple(AgentProcess(4_000_000 + n, "a", None, None) for n in range(9))
    for processes in (None, (), agents[:1], agents):
        of = replace(instance(), processes=processes)
        found = examination_of(SHOP, of)
        found.revision_sizes = {"/x": (3, 5 << 30)}
        line = "".join(piece for piece, _ in agent_line(of, found, width))
        assert line.startswith("agent 1.8.1, ") and line.endswith("(5.0G kept)")
        assert len(line) <= max(width, 72)
        assert ("deployment-root" in line) == (width >= 100 or (width == 80 and processes is not agents))
        assert "4000002" not in line
        found.final = False
        assert "kept" not in "".join(piece for piece, _ in agent_line(of, found, width))


async def test_many_tracking_files_are_counted() -> None:
    ongoing = tuple(OngoingDeployment(f"/{n}", f"d-{n}", "command", NOW) for n in range(9))
    async with app_on(finished(examination_of(SHOP, instance(ongoing=ongoing)))).run_test() as pilot:
        await settled(pilot)
        assert "d-1" in lines(pilot)[3] and lines(pilot)[4].startswith("! and 7 more deployments")


async def test_where_nothing_was_found_enter_opens_the_group_and_f_all_files() -> None:
    async with app_on(finished(examination_of(SHOP))).run_test() as pilot:
        await settled(pilot)
        assert "nothing found" in text(pilot) and "Open" in lines(pilot)[-1]
        await press(pilot, "enter")
        await until(pilot, lambda: "Filter: group:shop-prod" in text(pilot))
        await press(pilot, "escape", "f")
        await until(pilot, lambda: "13 lines" in text(pilot) or "upload.bin" in text(pilot))


async def test_a_directory_is_told_as_such_and_read_only_stays_in_sight() -> None:
    of = replace(instance(kind="directory", processes=None), label="/mnt/" + "x" * 200)
    app = app_on(finished(examination_of(SHOP, of)), label=of.label, kind="directory")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert lines(pilot)[0].startswith("ip-10-0-0-12 \u00b7 read only \u00b7 directory /mnt/xxx")


@pytest.mark.parametrize(
    ("age", "kind", "wanted"),
    [
        (42, "machine", "is running, its lifecycle event for 42 s"),
        (42, "directory", "was running a lifecycle event"),
        (90_000, "machine", "tracking file 25 h old was left behind"),
    ],
)
async def test_an_ongoing_deployment_is_a_warning(age: float, kind: str, wanted: str) -> None:
    ongoing = (OngoingDeployment("/x", "d-7XK2M1Q9P", "command", NOW - age),)
    async with app_on(finished(examination_of(SHOP, instance(kind=kind, ongoing=ongoing)))).run_test() as pilot:
        await settled(pilot)
        assert "! deployment d-7XK2M1Q9P" in lines(pilot)[2] and wanted in lines(pilot)[2]


async def test_enter_tells_all_of_a_finding_and_escape_goes_back() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, FindingScreen)
        shown = text(pilot)
        assert "read only" in lines(pilot)[0]
        for part in (
            "critical",
            "in the way",
            "shop-prod",
            "Two files stand",
            "What to do: Move them away",
            "shop-prod-cleanup:3",
            "/srv/shop/static/old.css",
        ):
            assert part in shown
        await press(pilot, "escape")
        assert cursor_line(pilot).startswith(">\u2717 shop-prod")


async def test_enter_on_a_findings_path_shows_it_among_the_files() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await until(pilot, lambda: "old.js" in cursor_line(pilot))


async def test_a_finding_without_paths_has_nothing_to_show() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "down", "enter")
        assert "Show in files" not in text(pilot)
        await press(pilot, "enter", "down", "q")
    assert pilot.app.return_code == 0


async def test_down_leads_from_the_findings_to_the_groups_and_up_back() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "j", "j", "j")
        assert isinstance(pilot.app.focused, GroupList) and "shop-prod" in cursor_line(pilot)
        await press(pilot, "k")
        assert isinstance(pilot.app.focused, FindingList) and "1 file was changed" in cursor_line(pilot)
        await press(pilot, "tab", "G")
        assert "(no group)" in cursor_line(pilot)


@pytest.mark.parametrize("key", ["f", "enter"])
async def test_a_groups_files(key: str) -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "tab", key)
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await until(pilot, lambda: "Filter: group:shop-prod" in text(pilot))
        assert "upload.bin" not in text(pilot) and "config.yml" in text(pilot)


async def test_the_files_of_no_group() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "tab", "end", "enter")
        await until(pilot, lambda: "group:none" in text(pilot))
        assert "upload.bin" in text(pilot) and "config.yml" not in text(pilot)


async def test_many_findings_and_groups_scroll() -> None:
    findings = tuple(
        Finding("x", Severity.WARNING, f"title {n}", "", "", "shop-prod", source=str(n)) for n in range(300)
    )
    of = instance([f"group-{n:03d}" for n in range(200)])
    async with app_on(finished(examination_of(SHOP, of, findings))).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "end")
        assert "title 299" in cursor_line(pilot)
        await press(pilot, "home", "pagedown", "pageup", "down", "G", "g")
        assert "title 0" in cursor_line(pilot)
        await press(pilot, "tab", "end")
        assert "(no group)" in cursor_line(pilot)
        assert "300 warnings" in text(pilot)


async def test_before_anything_is_known() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=(80, 24)) as pilot:
        feed.give(Progress("records", 0))
        await until(pilot, lambda: "Reading the agent's records" in text(pilot))
        assert lines(pilot)[0] == "read only \u00b7 this machine" and "not known yet" in text(pilot)
        await press(pilot, "f", "enter", "d", "down", "end")
        assert not isinstance(pilot.app.screen, FilesScreen)
        feed.end()
        await settled(pilot)
        assert "ended without a result" in text(pilot)


async def test_no_agent_names_the_places_and_offers_the_demo() -> None:
    app = app_on(failing(NO_AGENT), offers_demo=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = text(pilot)
        for part in (
            "No CodeDeploy agent found",
            *NO_AGENT.looked,
            "--agent-root",
            "d opens the bundled example",
            "d Demo",
        ):
            assert part in shown
        await press(pilot, "d")
    assert app.return_value == WANTS_DEMO and app.return_code == 0


async def test_no_demo_where_there_is_none_to_open() -> None:
    app = app_on(failing(NO_AGENT))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Demo" not in text(pilot) and "bundled" not in text(pilot)
        await press(pilot, "d", "q")
    assert app.return_value is None


@pytest.mark.parametrize("error", [Denied("/srv", "permission denied"), ValueError("odd \x1b[2J [/x]"), MemoryError()])
async def test_a_scan_that_fails_is_a_line_and_can_be_tried_again(error: Exception) -> None:
    async with app_on(failing(error)).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "could not be examined" in text(pilot) and "Scan failed" in text(pilot) and "\x1b" not in text(pilot)
        await press(pilot, "r")
        await until(pilot, lambda: pilot.app.state.generation == 2)  # type: ignore[attr-defined]
        await settled(pilot)


async def test_what_was_found_stays_when_a_new_scan_fails() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=(80, 24)) as pilot:
        feed.give(Snapshot(shop()), None)
        await settled(pilot)
        await press(pilot, "r")
        feed.give(Progress("walk", 5))
        await until(pilot, lambda: "Looking through" in text(pilot))
        assert feed.runs == 2 and "shop-prod" in text(pilot)
        feed.end()
        await settled(pilot)
        await press(pilot, "f")
        await until(pilot, lambda: pilot.app.screen.query(FileList))


async def test_a_cursor_that_nobody_moved_stays_on_the_worst_finding() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=(80, 24)) as pilot:
        feed.give(Snapshot(shop(findings=shop().findings[2:], final=False)))
        await until(pilot, lambda: "1 file was changed" in text(pilot))
        feed.give(Snapshot(shop()))
        await until(pilot, lambda: "in the way" in text(pilot))
        assert "in the way" in cursor_line(pilot)
        await press(pilot, "down")
        feed.give(Snapshot(shop(findings=shop().findings[1:])))
        feed.give(Snapshot(shop()))
        feed.end()
        await settled(pilot)
        assert "in the way" not in cursor_line(pilot)
