"""Files for a container that has not been started yet."""

import io
import tarfile


def archive(folder: str, files: dict[str, str]) -> bytes:
    """A tar archive of a folder of texts by file name, as Docker's put_archive takes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        parent = tarfile.TarInfo(folder)
        parent.type, parent.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(parent)
        for name, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode = len(data), 0o444
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
