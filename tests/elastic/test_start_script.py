"""scripts/start-elasticsearch says what is missing, and removes nothing that is not its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.elastic.fixtures import MISSING, SCRIPT


def test_on_a_bare_machine_it_says_what_to_install(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "realpath", "id"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([str(tmp_path / "bash"), SCRIPT, tmp_path / "es"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == MISSING
    assert "apt-get install -y unzip curl default-jre-headless maven" in done.stderr


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "folder"
    own.mkdir(mode=0o755)
    (own / "letter.txt").write_text("keep me", encoding="ascii")
    repository = tmp_path / "m2"
    archive = repository / "org/elasticsearch/distribution/integ-test-zip/elasticsearch/8.19.16/elasticsearch-8.19.16.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"not read")
    environment = os.environ | {"MAVEN_REPO": str(repository), "ES_JAVA_HOME": "/nowhere"}
    done = subprocess.run([SCRIPT, own], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not ours" in done.stderr
    assert (own / "letter.txt").read_text(encoding="ascii") == "keep me"
