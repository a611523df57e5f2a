"""Uploads: what they must be, how big, how long they live (fact sheet 4)."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.zalo.oa.limits import FILE_BYTES, IMAGE_BYTES
from tests.integrations.zalo.simulator.conftest import USER, Lab, attached, media

PNG, GIF, PDF = b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7"


async def upload(
    lab: Lab, kind: str, content: bytes, name: str = "a.bin", field: str = "file"
) -> Any:
    headers, files = {"access_token": lab.token}, {field: (name, content)}
    answer = await lab.http.post(f"/v2.0/oa/upload/{kind}", files=files, headers=headers)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("kind", "content", "name", "code"),
    [
        ("image", PNG, "a.png", 0),
        ("image", b"\xff\xd8\xff\xe0", "a.jpg", 0),
        ("image", PNG.ljust(IMAGE_BYTES, b"x"), "a.png", 0),
        ("image", PNG.ljust(IMAGE_BYTES + 1, b"x"), "a.png", -210),
        ("image", GIF, "a.png", -201),
        ("image", b"", "a.png", -201),
        ("gif", GIF, "a.gif", 0),
        ("gif", PNG, "a.gif", -201),
        ("gif", GIF.ljust(FILE_BYTES + 1, b"x"), "a.gif", -210),
        ("file", PDF, "To khai.PDF", 0),
        ("file", b"x", "a.pdf", -201),
        ("file", b"PK", "a.docx", 0),
        ("file", b"a,b", "a.csv", 0),
        ("file", b"MZ", "a.exe", -201),
        ("file", PDF.ljust(FILE_BYTES, b"x"), "a.pdf", 0),
        ("file", PDF.ljust(FILE_BYTES + 1, b"x"), "a.pdf", -210),
    ],
)
async def test_types_and_sizes(lab: Lab, kind: str, content: bytes, name: str, code: int) -> None:
    assert (await upload(lab, kind, content, name))["error"] == code


async def test_bodies_that_hold_no_file(lab: Lab) -> None:
    assert (await upload(lab, "image", PNG, "a.png", field="image"))["error"] == -201
    assert (await lab.post("/v2.0/oa/upload/image", {"file": "x"}))["error"] == -201


async def test_an_upload_may_be_sent_for_seven_days(lab: Lab) -> None:
    await lab.meet()
    image = (await upload(lab, "image", PNG))["data"]["attachment_id"]
    token = (await upload(lab, "file", PDF, "a.pdf"))["data"]["token"]
    picture = media({"media_type": "image", "attachment_id": image}, text="Bản đồ")
    file = attached("file", {"token": token})
    for content in (picture, picture, file):
        assert (await lab.send(content))["error"] == 0
    # Of another kind than it was uploaded as.
    assert (await lab.send(attached("file", {"token": image})))["error"] == -201
    shown = [one["text"] for one in await lab.shown()]
    assert shown[1:] == ["[Hình ảnh] Bản đồ", "[Hình ảnh] Bản đồ", "[Tệp] a.pdf"]
    lab.later(days=7)
    await lab.meet()
    assert (await lab.send(picture))["error"] == 0
    lab.later(seconds=1)
    assert (await lab.send(picture))["error"] == -100


async def test_the_allowance_of_a_month(lab: Lab) -> None:
    lab.policy(uploads_per_month=1)
    assert (await upload(lab, "gif", GIF))["error"] == 0
    assert (await upload(lab, "gif", GIF))["error"] == -211
    lab.later(days=30)
    assert (await upload(lab, "gif", GIF))["error"] == 0


async def test_files_go_into_groups_too(lab: Lab) -> None:
    await lab.meet()
    group = lab.simulator.groups.create("Cán bộ", [USER])
    token = (await upload(lab, "file", PDF, "a.pdf"))["data"]["token"]
    body = attached("file", {"token": token}, {"group_id": group.group_id})
    assert (await lab.post("/v3.0/oa/group/message", body))["error"] == 0
    body = attached("file", {"token": "nobody"}, {"group_id": group.group_id})
    assert (await lab.post("/v3.0/oa/group/message", body))["error"] == -201
