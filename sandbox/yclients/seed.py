"""Start data of a reference network: three salons, people with every oddity, and months of bookings."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients


def reference(yclients: "Yclients") -> None:
    yclients.group(9001, "Сеть Лотос")
