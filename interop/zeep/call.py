"""Calls ports that are served, by the contracts that they publish.

    python call.py <list>

The list has a line for each port: `wsdl:port`, URL. What is not as it should be ends the program.
"""

import sys
from pathlib import Path

from zeep import Client
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

USER, PASSWORD = "1001", "sys<&>\"'tem æ"
TEXT = "served: <&> æøå"
NONE = 30008


def main(ports):
    count = basic(ports["BasicHttpBinding_IReceiptExternalBasic"])
    count += ws(ports["CustomBinding_IReceiptExternal"])
    count += weather(ports["WeatherPort"])
    print(f"zeep: {count} calls")


def client(url, **settings):
    made = Client(url + "?wsdl", **settings)
    address = made.service._binding_options["address"]
    assert address == url, f"the contract has the address {address}, not {url}"
    return made


def fault(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except Fault as fault:
        return fault
    raise AssertionError("there is no fault")


def basic(url):
    service = client(url).service
    caller = {"systemUserName": USER, "systemPassword": PASSWORD}
    receipt = service.GetReceiptBasicV2(**caller, receipt={"ReceiptId": 17})
    assert (receipt.ReceiptId, receipt.ReceiptText) == (17, TEXT), receipt
    refused = fault(service.GetReceiptBasicV2, "1001", "wrong", receipt={"ReceiptId": 17})
    assert refused.message == "who is that?", refused
    missing = fault(service.GetReceiptBasicV2, **caller, receipt={"ReceiptId": NONE})
    detail = {child.tag.split("}")[1]: child.text for child in missing.detail[0]}
    assert detail["ErrorID"] == str(NONE) and detail["AltinnErrorMessage"] == "no <receipt> found", detail
    listed = service.GetReceiptListBasicV2(**caller, receiptTypeName="NotSet", dateFrom="2026-01-01T00:00:00", dateTo="2026-02-01T00:00:00")
    assert [one.ReceiptId for one in listed] == [1, 2, 3], listed
    unserved = fault(service.Test)
    assert "ActionNotSupported" in unserved.code, unserved.code
    return 5


def ws(url):
    def service(password):
        # The contract asks for WS-Addressing, which zeep then writes by itself.
        return client(url, wsse=UsernameToken(USER, password)).service

    receipt = service(PASSWORD).GetReceiptV2(receipt={"ReceiptId": 17})
    assert (receipt.ReceiptId, receipt.ReceiptText) == (17, TEXT), receipt
    service(PASSWORD).Test()
    refused = fault(service("wrong").GetReceiptV2, receipt={"ReceiptId": 17})
    assert any("FailedAuthentication" in str(code) for code in refused.subcodes or []), refused.subcodes
    return 3


def weather(url):
    service = client(url).service
    wind = [{"from": "north", "strong": True}, {"from": "south", "strong": False}]
    told = service.tell(report={"place": "Værøy", "degrees": -3, "wind": wind}, quarter="south", days=3)
    assert (told.report.place, told.report.degrees, told.quarter, told.days) == ("Værøy", -3, "south", 3), told
    assert [one.strong for one in told.report.wind] == [True, False], told
    assert service.say(word="a < b") == "a < b"
    service.ping()
    return 3


main(dict(line.split(" ", 1) for line in Path(sys.argv[1]).read_text().splitlines()))
