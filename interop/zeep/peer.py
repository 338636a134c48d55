"""Reads and writes messages with zeep, which knows the contracts and nothing of the generator.

    python peer.py exchange <folder>   reads our messages and writes them again; writes messages of its own
    python peer.py compare <folder>    compares its own messages with what we wrote when we had read them

The folder holds `contracts` (lines of number and WSDL) and, for each number, a folder `r<number>` with our messages and the
list of them, `ours`. Its own messages are listed in `others`. What came of each is a line of `said`: number, port, operation,
direction, whose message it is, and what differs, or nothing.
"""

import logging
import random
import sys
import warnings
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from isodate import ISO8601Error, parse_date, parse_datetime, parse_duration, parse_time
from lxml import etree
from zeep import Client, xsd
from zeep.transports import Transport
from zeep.xsd.context import XmlParserContext
from zeep.wsdl.messages.soap import RpcMessage
from zeep.xsd.elements.indicators import Choice, Group, Indicator
from zeep.xsd.types import builtins
from zeep.xsd.types.collection import ListType, UnionType

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SAMPLES = 3


class NoNetwork(Transport):
    def _load_remote_data(self, url):
        raise OSError(f"not fetched: {url}")


def main(verb, folder):
    warnings.simplefilter("ignore")
    logging.disable()  # what it says of values is said as differences
    folder = Path(folder)
    with open(folder / "said", "a") as said:
        for line in (folder / "contracts").read_text().splitlines():
            number, wsdl = line.split("\t")
            work = {"exchange": exchange, "compare": compare}[verb]
            for message in work(folder / f"r{number}", wsdl):
                print(number, *message, sep="\t", file=said)


# Messages of ours.


def exchange(folder, wsdl):
    try:
        client = Client(wsdl, transport=NoNetwork())
    except Exception as error:
        yield "-", "-", "-", "ours", f"zeep does not load it: {said(error)}"
        return
    others = []
    for line in (folder / "ours").read_text().splitlines():
        file, port, operation, direction = line.split("\t")
        message = message_of(client, port, operation, direction)
        if message is None:
            yield port, operation, direction, "ours", "zeep does not know the operation"
            continue
        yield port, operation, direction, "ours", "; ".join(returned(client, message, file))
        if isinstance(message, RpcMessage) and direction == "reply":
            continue
        name = f"z{len(others)}.xml"
        try:
            envelope = own(message, random.Random(len(others)))
        except Exception as error:
            yield port, operation, direction, "theirs", f"zeep writes none: {said(error)}"
            continue
        (folder / name).write_bytes(etree.tostring(envelope))
        others.append("\t".join((name, port, operation, direction)))
    (folder / "others").write_text("\n".join(others))


def message_of(client, port, operation, direction):
    bindings = [ports[port].binding for ports in (service.ports for service in client.wsdl.services.values()) if port in ports]
    bindings += [binding for name, binding in client.wsdl.bindings.items() if etree.QName(name).localname == port]
    for binding in bindings:
        if operation in binding._operations:
            return binding._operations[operation].input if direction == "request" else binding._operations[operation].output
    return None


def returned(client, message, file):
    """What differs when zeep has read and written a message."""
    body = body_of(etree.parse(file).getroot())
    if message.body is None:
        return [] if len(body) == 0 else ["zeep has nothing in the body"]
    read = body if message._is_body_wrapped else body[0]
    try:
        value = message.body.parse(deepcopy(read), client.wsdl.types, context=XmlParserContext(settings=client.settings))
    except Exception as error:
        return [f"zeep does not read it: {said(error)}"]
    if value is None and isinstance(message.body.type, xsd.ComplexType) and read.get(XSI + "nil") is None:
        value = message.body.type()  # zeep has no object for an element without content
    parent = etree.Element("parent")
    try:
        message.body.render(parent, value)
    except Exception as error:
        return [f"zeep does not write it: {said(error)}"]
    if len(parent) != 1:
        return [f"zeep writes {len(parent)} elements"]
    if isinstance(message, RpcMessage) and message.type == "output":
        parent[0].tag = read.tag  # zeep is a client, and does not know what a reply is called
    return differences(read, parent[0])


def said(error):
    return f"{type(error).__name__} {error}".replace("\t", " ").replace("\n", " ")[:200]


def body_of(envelope):
    return next(child for child in envelope if etree.QName(child).localname == "Body")


# Messages of its own.


def own(message, chance):
    space = message.nsmap["soap-env"]
    envelope = etree.Element(f"{{{space}}}Envelope", nsmap={"e": space})
    parent = envelope if message.body is not None and message._is_body_wrapped else etree.SubElement(envelope, f"{{{space}}}Body")
    if message.body is not None:
        message.body.render(parent, value_of(message.body.type, chance, 0))
    return envelope


def value_of(type_, chance, depth):
    if isinstance(type_, xsd.ComplexType):
        fields = {}
        for name, element in type_.elements_nested:
            fill(fields, name, element, chance, depth)
        for name, attribute in type_.attributes:
            if isinstance(attribute, xsd.Attribute) and (attribute.required or chance.random() < 0.7):
                fields[name] = value_of(attribute.type, chance, depth)
        return type_(**fields)
    if isinstance(type_, ListType):
        return [value_of(type_.item_type, chance, depth)]
    if isinstance(type_, UnionType):
        return value_of(type_.item_types[0], chance, depth)
    return simple(type_, chance)


def fill(fields, name, element, chance, depth, chosen=False):
    """Values for an element or a group in the keyword arguments of the type around it."""
    optional = element.min_occurs == 0
    if optional and not chosen and (depth > 3 or chance.random() < 0.3):
        return
    many = element.accepts_multiple
    if isinstance(element, Indicator):
        def content():
            inner = {}
            parts = (element.child if isinstance(element, Group) else element).elements_nested
            is_choice = isinstance(element, Choice)
            for part in [chance.choice(parts)] if is_choice else parts:
                fill(inner, *part, chance, depth, is_choice)
            return inner
        if many:
            fields[name] = [content() for _ in range(max(1, element.min_occurs))]
        else:
            fields.update(content())
    elif isinstance(element, xsd.Any):
        content = etree.Element("{urn:example:zeep}any")
        fields[name] = [content] if many else content
    else:
        number = max(element.min_occurs, 2 if element.max_occurs == "unbounded" or element.max_occurs > 1 else 1)
        values = [value_of(element.type, chance, depth + 1) for _ in range(number)]
        fields[name] = values if many else values[0]


VALUES = [
    (xsd.Boolean, lambda n: n % 2 == 0),
    (xsd.Decimal, lambda n: Decimal(n) / 4),
    (xsd.Float, lambda n: n / 4),
    (xsd.Double, lambda n: n / 8),
    (xsd.Duration, lambda n: timedelta(seconds=n)),
    (xsd.DateTime, lambda n: datetime(2020, 1, 31, 4, 5, n)),
    (xsd.Date, lambda n: datetime(2020, 2, n % 28 + 1).date()),
    (xsd.Time, lambda n: datetime(2020, 1, 1, 4, 5, n).time()),
    (xsd.Base64Binary, lambda n: bytes([n, 0, 255])),
    (xsd.HexBinary, lambda n: "0aff"),
    (xsd.QName, lambda n: etree.QName("urn:example:zeep", "name")),
    (xsd.String, lambda n: f"zeep <&> {n} æ" if n % 2 else "zeep"),
    (xsd.AnyURI, lambda n: f"urn:zeep:{n}"),
]


def simple(type_, chance):
    number = chance.randrange(1, 50)
    if isinstance(type_, xsd.Integer):
        return number
    if any(isinstance(type_, known) for known in (builtins.Token, builtins.Name, builtins.NmToken)):
        return f"zeep{number}"
    for known, make in VALUES:
        if isinstance(type_, known):
            return make(number)
    raise NotImplementedError(f"no value of {type(type_).__name__}")


def compare(folder, _wsdl):
    others = folder / "others"
    for line in others.read_text().splitlines() if others.exists() else ():
        name, port, operation, direction = line.split("\t")
        again, refused = (folder / name).with_suffix(".again"), (folder / name).with_suffix(".refused")
        if refused.exists():
            found = [f"not read: {refused.read_text()}"]
        else:
            theirs, ours = (body_of(etree.parse(file).getroot()) for file in (folder / name, again))
            found = differences(theirs, ours)
        yield port, operation, direction, "theirs", "; ".join(found)


# Comparing.


def differences(one, other, path=""):
    """What differs in infosets: prefixes and white space between elements are free, and what is nil may be absent."""
    path = f"{path}/{etree.QName(one).localname}"
    if one.tag != other.tag:
        return [f"{path}: {one.tag} or {other.tag}"]
    found = []
    mine, yours = attributes(one), attributes(other)
    for name in sorted(mine.keys() | yours.keys()):
        if not same_text(mine.get(name), yours.get(name)):
            found.append(f"{path}@{name}: {mine.get(name)!r} or {yours.get(name)!r}")
    mine, yours = ([child for child in node if child.get(XSI + "nil") not in ("true", "1")] for node in (one, other))
    if [child.tag for child in mine] != [child.tag for child in yours]:
        full = [[child for child in children if has_content(child)] for children in (mine, yours)]
        if [child.tag for child in full[0]] == [child.tag for child in full[1]]:
            return found + [f"{path}: an element without content is lost"]
        names = [" ".join(etree.QName(child).localname for child in children) for children in (mine, yours)]
        return found + [f"{path}: elements {names[0]} or {names[1]}"]
    for before, text, again in texts(one, other, mine, yours):
        if not same_text(text, again) and expanded(one, text) != expanded(other, again):
            found.append(f"{path}: text {text!r} or {again!r}{before}")
    for child, again in zip(mine, yours):
        found += differences(child, again, path)
    return found


def has_content(node):
    return len(node) > 0 or bool(node.text) or len(node.attrib) > 0


def expanded(node, text):
    """A text that may be a qualified name, with its namespace."""
    prefix, _, local = text.rpartition(":")
    return f"{{{node.nsmap[prefix]}}}{local}" if prefix in node.nsmap else text


def attributes(node):
    """By name; the value of xsi:type with its namespace."""
    found = {}
    for name, value in node.attrib.items():
        if name == XSI + "type":
            prefix, _, local = value.rpartition(":")
            value = f"{{{node.nsmap.get(prefix or None)}}}{local}"
        found[name] = value
    return found


def texts(one, other, mine, yours):
    between = len(one) > 0 or len(other) > 0
    clean = lambda text: "" if between and not (text or "").strip() else text or ""
    yield "", clean(one.text), clean(other.text)
    for child, again in zip(mine, yours):
        yield f" after {etree.QName(child).localname}", clean(child.tail), clean(again.tail)


def same_text(one, other):
    """Whether two texts are equal, or the same number, truth value, time or span in another writing."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    if {one, other} in ({"1", "true"}, {"0", "false"}):
        return True
    for parse in (Decimal, parse_datetime, parse_date, parse_time, parse_duration):
        try:
            return parse(one.strip()) == parse(other.strip())
        except (InvalidOperation, ISO8601Error, ValueError, TypeError, AttributeError):
            continue
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
