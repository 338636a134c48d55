"""Calls the server of examples/serving, by the contract that it publishes: python station.py <contract>

What is not as it should be ends the program.
"""

import sys
from decimal import Decimal

from zeep import Client
from zeep.exceptions import Fault

service = Client(sys.argv[1]).service
readings = service.GetReadings(Station="Røros")
assert [reading.Celsius for reading in readings] == [Decimal("-11.5"), Decimal("-8")], readings
try:
    service.GetReadings(Station="Bodø")
    raise AssertionError("there is no fault")
except Fault as fault:
    assert fault.message == "there is no such station", fault
print("zeep: the station answers")
