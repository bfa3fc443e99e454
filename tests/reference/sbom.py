"""A bill of materials (CycloneDX 1.5, JSON) of the release build, from `cargo metadata`: python3 tests/reference/sbom.py > colofair.cdx.json

Every crate that is linked into the program with version, licence, checksum and what it depends on; crates that only build or test it are
left out. The same Cargo.lock gives the same bytes: no time of writing and no serial number.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def metadata():
    host = next(line for line in run("rustc", "-vV").splitlines() if line.startswith("host: ")).removeprefix("host: ")
    return json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host))


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def checksums():
    """Name and version to the SHA-256 of the crate's archive, as Cargo.lock has it."""
    entries = (ROOT / "Cargo.lock").read_text().split("[[package]]")[1:]
    field = lambda entry, name: (re.search(rf'^{name} = "(.*)"$', entry, re.M) or [None, None])[1]
    return {(field(entry, "name"), field(entry, "version")): field(entry, "checksum") for entry in entries}


def linked(nodes, root):
    """What is reached from `root` by ordinary dependencies."""
    edges = {}
    for node in nodes:
        ordinary = [dep["pkg"] for dep in node["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
        edges[node["id"]] = sorted(ordinary)
    found, open_ = set(), [root]
    while open_:
        at = open_.pop()
        if at not in found:
            found.add(at)
            open_ += edges[at]
    return found, edges


def main():
    whole = metadata()
    packages = {package["id"]: package for package in whole["packages"]}
    root = next(key for key in whole["workspace_members"] if packages[key]["name"] == "colofair")
    found, edges = linked(whole["resolve"]["nodes"], root)
    sums = checksums()
    purl = lambda key: f"pkg:cargo/{packages[key]['name']}@{packages[key]['version']}"

    def component(key):
        package = packages[key]
        licence = (package["license"] or "").replace("/", " OR ")
        entry = {"type": "library", "bom-ref": purl(key), "name": package["name"], "version": package["version"], "purl": purl(key)}
        entry["licenses"] = [{"expression": licence}]
        if checksum := sums.get((package["name"], package["version"])):
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    others = sorted(found - {root}, key=purl)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root) | {"type": "application"}},
        "components": [component(key) for key in others],
        "dependencies": [
            {"ref": purl(key), "dependsOn": sorted(purl(dep) for dep in edges[key] if dep in found)} for key in [root, *others]
        ],
    }
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


main()
