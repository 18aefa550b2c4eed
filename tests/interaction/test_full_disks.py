"""Uploads to a full disk: refused with the cure, nothing lost, and taken once there is space."""

from pathlib import Path

from tests.databases import Database
from tests.disks import fill, free, small_disk
from tests.interaction.sites import API, open_site
from tests.requirement import requirement


@requirement("R067")
async def test_an_upload_to_a_full_disk_names_the_cure_and_succeeds_when_it_is_repeated(
    cell_database: Database, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "blobs") as disk:
        async with open_site(cell_database, tmp_path) as site:
            session = await site.open()
            first = await site.upload(session, "first.csv", b"a,b\n1,2\n")
            fill(disk)
            sent = {
                "data": {"command_id": site.command()},
                "files": {"file": ("rows.csv", b"a,b\n" * 10_000)},
            }
            refused = await site.alice.post(f"{API}/sessions/{session}/files", **sent)  # type: ignore[arg-type]
            assert refused.status_code == 507
            assert refused.json()["error"]["code"] == "blobs.disk_full"
            assert "Free space" in refused.json()["error"]["hint"]
            assert set((await site.cell.state(session)).files) == {first}
            free(disk)
            again = await site.alice.post(f"{API}/sessions/{session}/files", **sent)  # type: ignore[arg-type]
            assert again.status_code == 201
            assert set((await site.cell.state(session)).files) == {first, again.json()["id"]}
