"""The commands, as somebody at a terminal meets them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.understanding.training import TrainedModel

ROOT = Path(__file__).parents[1]


def hotro(
    *arguments: str, data: Path, stdin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "HOTRO_DATA_DIR": str(data),
        "HOTRO_CONFIG": str(data / "hotro.toml"),
        **settings,
    }
    (data / "hotro.toml").touch()
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def with_model(tmp_path: Path, trained: TrainedModel) -> Path:
    (tmp_path / "models").symlink_to(trained.path.parents[1], target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["understand"], ["ask", "chào"]])
def test_a_missing_model_is_one_line_that_says_what_to_do(data: Path, command: list[str]) -> None:
    done = hotro(*command, data=data, HOTRO_PORT="0")
    assert done.returncode == 1
    assert "hotro train" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_wrong_settings_are_one_line_that_names_the_setting(data: Path) -> None:
    (data / "hotro.toml").write_text("prot = 8080\n")
    done = hotro("doctor", data=data)
    assert done.returncode == 1
    assert "prot" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_settings_file_that_is_not_toml_is_one_line(data: Path) -> None:
    (data / "hotro.toml").write_text("port 8080")
    done = hotro("doctor", data=data)
    assert done.returncode == 1
    assert "TOML" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_one_line_that_says_what_to_do(with_model: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = hotro("serve", data=with_model, HOTRO_PORT=port)
    assert done.returncode == 1
    assert port in done.stderr
    assert "HOTRO_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_database_is_one_line(data: Path) -> None:
    done = hotro("officer", "list", data=data, HOTRO_DATABASE_URL="mysql://x/y")
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_one_line(data: Path) -> None:
    url = "postgresql://nobody:x@127.0.0.1:1/nothing"
    done = hotro("officer", "list", data=data, HOTRO_DATABASE_URL=url)
    assert done.returncode == 1
    assert "cơ sở dữ liệu" in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_content_is_named_with_file_and_line(data: Path, tmp_path: Path) -> None:
    faq = tmp_path / "faq"
    faq.mkdir()
    (faq / "procedures").mkdir()
    (faq / "procedures" / "khai_sinh.yaml").write_text("id: khai_sinh\nname: [\n")
    done = hotro("content", "check", data=data, HOTRO_FAQ_DIR=str(faq))
    assert done.returncode == 1
    assert "faq/procedures/khai_sinh.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_content_check_counts_what_there_is(data: Path) -> None:
    done = hotro("content", "check", data=data)
    assert done.returncode == 0, done.stderr
    assert "thủ tục: 18" in done.stdout.splitlines()


def test_officers_and_boards_are_managed_by_command(data: Path) -> None:
    add = ("officer", "add", "lan", "--commune", "hoa-mai", "--name", "Chị Lan")
    assert hotro(*add, "--password", "mat-khau-dai", data=data).returncode == 0
    assert "đã có" in hotro(*add, "--password", "mat-khau-dai", data=data).stderr
    assert "10 ký tự" in hotro(*add, "--password", "ngan", data=data).stderr
    assert "lan\tChị Lan" in hotro("officer", "list", data=data).stdout
    board = ("board", "add", "hm-cho", "--commune", "hoa-mai", "--place", "Chợ Đình")
    assert "/q/hm-cho" in hotro(*board, data=data).stdout
    assert "đã dùng" in hotro(*board, data=data).stderr
    assert "hm-cho\tChợ Đình" in hotro("board", "list", "--commune", "hoa-mai", data=data).stdout
    unknown = ("board", "add", "x1", "--commune", "khong-co", "--place", "X")
    assert "hoa-mai" in hotro(*unknown, data=data).stderr


def test_questions_are_listed_labelled_and_exported_by_command(data: Path) -> None:
    listed = hotro("questions", "list", "--state", "skipped", "--limit", "5", data=data)
    assert (listed.returncode, listed.stdout) == (0, "Không có câu nào.\n")
    wrong = hotro("questions", "label", "1", "khai_sinh+gia", "--by", "lan@xa.vn", data=data)
    assert wrong.returncode == 1
    assert "khai_sinh+gia" in wrong.stderr
    assert "le_phi" in wrong.stderr
    assert "câu số 1" in hotro("questions", "accept", "1", data=data).stderr
    assert "câu số 1" in hotro("questions", "skip", "1", data=data).stderr
    exported = hotro("questions", "export", "--out", str(data / "x.yml"), data=data)
    assert exported.returncode == 0
    assert "hotro questions list" in exported.stdout
    assert not (data / "x.yml").exists()


@pytest.mark.nlu
def test_understand_gives_one_json_object_a_line(with_model: Path) -> None:
    lines = "làm khai sinh cho con cần giấy tờ gì\nKS PHI\n\ncảm ơn nhé\n"
    done = hotro("understand", data=with_model, stdin=lines)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 4
    keys = {"text", "procedure", "aspect", "confidence", "decision", "alternatives"}
    assert all(set(one) == keys for one in found)
    assert (found[0]["procedure"], found[0]["aspect"]) == ("khai_sinh", "ho_so")
    assert (found[1]["procedure"], found[1]["aspect"]) == ("khai_sinh", "le_phi")
    assert found[3]["decision"] == "smalltalk"


@pytest.mark.nlu
def test_understand_tells_what_a_line_names_when_asked_to(with_model: Path) -> None:
    lines = "sao y 5 bản, hồ sơ h01.02.03-250701-0001\nchào em\n"
    plain = hotro("understand", data=with_model, stdin=lines)
    done = hotro("understand", "--entities", data=with_model, stdin=lines)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert [(e["kind"], e["value"]) for e in first["entities"]] == [
        ("copies", 5),
        ("dossier", "H01.02.03-250701-0001"),
    ]
    assert second["entities"] == []
    without = [{k: v for k, v in one.items() if k != "entities"} for one in (first, second)]
    assert without == [json.loads(line) for line in plain.stdout.splitlines()]


@pytest.mark.nlu
def test_ask_answers_the_case_by_sms_unaccented_in_two_parts(with_model: Path) -> None:
    text = "chau de tai nha, nha khong co giay chung sinh, khai sinh can giay to gi"
    done = hotro("ask", text, "--channel", "sms", data=with_model)
    assert done.returncode == 0, done.stderr
    reply = done.stdout.strip()
    assert reply.isascii()
    assert len(reply) <= 306
    assert "nguoi lam chung" in reply
    assert "cam doan" in reply


@pytest.mark.nlu
def test_ask_remembers_a_conversation(with_model: Path) -> None:
    first = hotro("ask", "KS", "--channel", "sms", "--conversation", "a", data=with_model)
    assert "to khai" in first.stdout
    second = hotro("ask", "1", "--channel", "sms", "--conversation", "a", data=with_model)
    assert second.stdout.strip()
    assert second.stdout != first.stdout
    as_json = hotro("ask", "chào", "--channel", "zalo", "--json", data=with_model)
    replies = json.loads(as_json.stdout)["replies"]
    assert 1 <= len(replies[-1]["choices"]) <= 5


@pytest.mark.nlu
def test_ask_answers_by_the_law_of_the_day_that_is_given(with_model: Path) -> None:
    now = hotro("ask", "khai tu bao lau", "--on", "2026-11-23", data=with_model)
    later = hotro("ask", "khai tu bao lau", "--on", "2027-03-02", data=with_model)
    assert "15 ngày" in now.stdout
    assert "cán bộ" in later.stdout
    assert now.stdout != later.stdout


@pytest.mark.nlu
def test_doctor_names_each_fault_and_what_to_do(with_model: Path) -> None:
    (with_model / "hotro.toml").write_text(
        '[sms.hoa-mai]\nurl = "http://127.0.0.1:1/messages"\nown_number = "+84900000113"\n'
        'secret = "s"\n[zalo.hoa-mai]\napp_id = "1"\noa_id = "2"\n'
    )
    done = hotro("doctor", data=with_model)
    assert done.returncode == 1
    assert "✔ Mô hình" in done.stdout
    assert "✘ SMS hoa-mai" in done.stdout
    assert "✘ Zalo hoa-mai: thiếu khoá OA" in done.stdout
    assert "hotro zalo set --commune hoa-mai" in done.stdout
    assert "hotro officer add" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
