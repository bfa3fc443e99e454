"""Executes every notebook of this folder with its assertions; nothing is written back. Outputs have to stay small."""

import json
import sys
import warnings
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# What a reader, a browser and a repository put up with.
MOST_BYTES = 300_000

warnings.filterwarnings("ignore", module="jupyter_client")
for path in sorted(Path(__file__).parent.glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(path.parent))
    size = sum(len(json.dumps(cell.outputs)) for cell in notebook.cells if cell.cell_type == "code")
    print(f"{path.name}: {size:,} bytes of output", flush=True)
    if size > MOST_BYTES:
        sys.exit(f"{path.name}: more than {MOST_BYTES:,} bytes of output")
