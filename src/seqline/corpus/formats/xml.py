"""XML read as a stream, record by record, by expat, with everything forbidden that makes XML dangerous.

No entity may be declared (billion laughs, external entities), nothing outside the file is read, an undeclared entity
is an error instead of lost text, and the size and depth of a record are bounded. A document type is allowed: TMX files
name one, and expat does not fetch it.
"""

from collections import deque
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from seqline.corpus.opening import DAMAGED, opened
from seqline.errors import CorpusError

MAX_RECORD_BYTES = 16 << 20
"""A larger record, tag or comment means that the file is not what it claims to be."""

_MAX_DEPTH = 100
_MAX_NAMES = 10_000
"""Names of elements and attributes, which expat keeps; the formats together have fewer than 200."""
_CHUNK_BYTES = 64 << 10
_XML_LANG: Final = "http://www.w3.org/XML/1998/namespace}lang"
_OWN_NAMESPACES: Final = ("http://www.lisa.org/tmx", "urn:oasis:names:tc:xliff:document:")


def read_elements(path: Path, root: str, records: Collection[str], frames: Collection[str]) -> Iterator[Element]:
    """Yield every record whole at its end and every frame (an element around records) empty at its start.

    Elements lose the namespaces of TMX and XLIFF and keep others, as ``NAMESPACE}NAME``; ``xml:lang`` is ``lang``.

    Raises:
        CorpusError: the file is absent, damaged, no XML, of another root, too deep, holds a giant record or declares
            entities.
    """
    reader = _Reader(path, root, records, frames)
    with opened(path) as stream:
        while True:
            try:
                chunk = stream.read(_CHUNK_BYTES)
            except DAMAGED as error:
                raise CorpusError(f"{path}: damaged near {reader.place} ({error}); fetch it again") from None
            reader.feed(chunk)
            while reader.ready:
                yield reader.ready.popleft()
            if not chunk:
                return


class _Reader:
    """Expat's events in, elements out."""

    def __init__(self, path: Path, root: str, records: Collection[str], frames: Collection[str]) -> None:
        self.ready = deque[Element]()
        self._path, self._root, self._records, self._frames = path, root, records, frames
        self._depth, self._fed_bytes, self._record_start = 0, 0, 0
        self._tree: TreeBuilder | None = None
        self._record_depth = 0
        self._parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._data
        parser.EntityDeclHandler, parser.SkippedEntityHandler = self._declared, self._skipped

    @property
    def place(self) -> str:
        """Where the parser stands, for a message."""
        return f"line {self._parser.CurrentLineNumber}"

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes; none at all end the document."""
        self._fed_bytes += len(chunk)
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            problem = f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset + 1}"
            raise CorpusError(f"{self._path}: damaged, or not XML ({problem})") from None
        except (ValueError, LookupError) as error:  # an encoding that expat does not know
            raise CorpusError(f"{self._path}: cannot be decoded ({error}); convert the file to UTF-8") from None
        self._check_size()

    def _check_size(self) -> None:
        # Whatever is unfinished starts at the record's first byte, or at the last place the parser got past.
        start = self._record_start if self._tree is not None else self._parser.CurrentByteIndex
        if self._fed_bytes - start > MAX_RECORD_BYTES + _CHUNK_BYTES:
            raise self._refused(f"a record, tag or comment is larger than {MAX_RECORD_BYTES >> 20} MiB")
        if len(self._parser.intern) > _MAX_NAMES:
            raise self._refused(f"more than {_MAX_NAMES:,} different names of elements and attributes")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _plain(name)
        if self._depth == 0 and tag != self._root:
            raise CorpusError(f"{self._path}: expected <{self._root}> as its outermost element, found <{tag[:60]}>")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._refused(f"elements stand more than {_MAX_DEPTH} deep in each other")
        if self._tree is None and tag in self._records:
            self._tree, self._record_depth = TreeBuilder(), self._depth
            self._record_start = self._parser.CurrentByteIndex
        if self._tree is not None:
            self._tree.start(tag, _with_lang(attributes))
        elif tag in self._frames:
            self.ready.append(Element(tag, _with_lang(attributes)))

    def _end(self, name: str) -> None:
        if self._tree is not None:
            self._tree.end(_plain(name))
            if self._depth == self._record_depth:
                self.ready.append(self._tree.close())
                self._tree = None
        self._depth -= 1

    def _data(self, text: str) -> None:
        if self._tree is not None:
            self._tree.data(text)

    def _declared(self, name: str, *_: object) -> None:
        raise self._refused(f"it declares the entity {name[:60]!r}, and corpus files may declare none")

    def _skipped(self, name: str, *_: object) -> None:
        raise self._refused(f"it uses the entity {name[:60]!r}, which stands in no XML; write the character itself")

    def _refused(self, why: str) -> CorpusError:
        return CorpusError(f"{self._path}: refused near {self.place}: {why}")


def _plain(name: str) -> str:
    if "}" not in name:
        return name
    namespace, _, local = name.rpartition("}")
    return local if namespace.startswith(_OWN_NAMESPACES) else name


def _with_lang(attributes: dict[str, str]) -> dict[str, str]:
    if (code := attributes.get(_XML_LANG)) is not None:
        attributes["lang"] = code  # it wins over the plain one, which is TMX 1.1
    return attributes
