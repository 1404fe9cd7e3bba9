"""Secondary suppression: cheapest cycles through the cells to protect, then away with what turned out needless.

Each cell to protect must lie on a cycle of hidden cells that can carry its amount, in every network it is
in. Cycles are found by Dijkstra's algorithm with hidden cells free of charge; opening a cell that stands
in a second network asks for a cycle there too. Then, heaviest first, every secondary cell is given back
if the cycles that used it can go another way. What this leaves unsafe (several networks and layers must
hold at once) is for the audit to find and the repair to mend.
"""

from __future__ import annotations

import numpy as np

from zicht.compiled import compiled, lend
from zicht.disclosure.model import Bools, Ints
from zicht.disclosure.suppression.circuits import demands
from zicht.disclosure.suppression.heap import pop, push
from zicht.disclosure.suppression.layers import Places, Web, lengthen, weave
from zicht.disclosure.suppression.ledgers import Book, Cells, Needs, Search
from zicht.disclosure.suppression.system import EMPTY, FREE, TOTAL, System

HIDDEN_ONLY = -1  # a reluctance below FREE: open nothing new
FAR = 1e300
STEP = 1e-3  # toll of a hidden cell, so that the shorter of two free cycles wins
SHARED_FACTOR = (
    0.3  # added cost of a cell for each further network it is in; measured on the benchmark ladder
)
LONGEST = 1024  # cells a cycle may have
DETOURS = 1 << 16  # cells that the new cycles around one given-back cell may have in all


def cover(system: System) -> Bools:
    """Which physical cells to hide so that, as far as networks tell, every primary one is safe. Shape (physical cells,)."""
    hidden = system.primary.copy()
    if not hidden.any() or not system.equations.shape[0]:
        return hidden
    web, places = weave(system)
    cells = Cells(
        hidden=hidden.astype(np.uint8),
        primary=hidden.astype(np.uint8),
        reluctance=system.reluctance,
        cost=lengthen(system.cost, places, SHARED_FACTOR),
        room=system.room,
        value=system.value,
    )
    needs = _needs(system, places)
    book, search = _book(needs, hidden.size), _search(web)
    if _satisfy_all(lend(web), lend(places), lend(cells), lend(needs), lend(book), lend(search), TOTAL):
        for _ in range(2):
            secondary = np.flatnonzero(cells.hidden.astype(np.bool_) & ~system.primary)
            dearest_first = secondary[np.argsort(-cells.cost[secondary], kind="stable")]
            _give_back(
                lend(web),
                lend(cells),
                lend(needs),
                lend(book),
                lend(search),
                dearest_first,
                HIDDEN_ONLY,
                *_scratch(needs),
            )
    return np.asarray(cells.hidden, dtype=np.bool_)


def _needs(system: System, places: Places) -> Needs:
    primaries = np.flatnonzero(system.primary)
    rows: list[tuple[int, int, int, int, float, int, int]] = []
    for cell in primaries[np.argsort(-system.value[primaries], kind="stable")]:
        for way, amount in demands(system, int(cell)):
            # A group nearly all of which is in one category needs its empty categories to hide among.
            level = EMPTY if way < 0 and system.width[cell] > 0 else FREE
            rows.extend(
                (int(cell), int(places.arc[at]), int(places.layer[at]), way, amount, int(way == 0), level)
                for at in range(places.start[cell], places.start[cell + 1])
            )
    occurrences = np.diff(places.start)
    later = int(occurrences[occurrences > 1].sum())
    given = np.array(rows, dtype=np.float64).reshape(len(rows), 7)
    cell, arc, layer, way, _, mirrored, level = np.pad(given.astype(np.int64), ((0, later), (0, 0))).T.copy()
    amounts = np.pad(given[:, 4], (0, later))
    return Needs(cell, arc, layer, way, amounts, mirrored, level, np.array([len(rows)]))


def _book(needs: Needs, cells: int) -> Book:
    given, most = int(needs.size[0]), needs.cell.size
    pool = 48 * given + 8 * most + 4096
    return Book(
        of_need=np.full(most, -1),
        next_in_need=np.concatenate([np.arange(1, pool), [-1]]),
        of_cell=np.full(cells, -1),
        next_in_cell=np.empty(pool, dtype=np.int64),
        previous_in_cell=np.empty(pool, dtype=np.int64),
        cell=np.empty(pool, dtype=np.int64),
        need=np.empty(pool, dtype=np.int64),
        free=np.zeros(1, dtype=np.int64),
    )


def _scratch(needs: Needs) -> tuple[Ints, Ints, Ints, Ints]:
    """Working space of `_give_back`: needs seen, needs affected, cells of their new cycles and where each ends."""
    most = needs.cell.size
    return (
        np.full(most, -1),
        np.empty(most, dtype=np.int64),
        np.empty(DETOURS, dtype=np.int64),
        np.empty(most + 1, dtype=np.int64),
    )


def _search(web: Web) -> Search:
    nodes = web.start.size - 1
    heap = web.arcs.size + 64
    return Search(
        distance=np.empty(nodes),
        stamp=np.zeros(nodes, dtype=np.int64),
        via=np.empty(nodes, dtype=np.int64),
        keys=np.empty(heap),
        nodes=np.empty(heap, dtype=np.int64),
        tick=np.zeros(1, dtype=np.int64),
        cells=np.empty(LONGEST, dtype=np.int64),
        ways=np.empty(LONGEST, dtype=np.int64),
    )


@compiled
def _toll(
    web: Web, cells: Cells, arc: int, way: int, move: int, amount: float, mirrored: int, reluctance: int
) -> float:
    """What it costs to send `amount` through an arc in every layer of a movement; reluctance HIDDEN_ONLY allows no other."""
    toll = 0.0
    for entry in range(web.entries[move], web.entries[move + 1]):
        cell = web.physical[web.base[arc] + web.shift[entry]]
        if cell < 0:
            return FAR
        if way * web.sign[entry] < 0:
            if cells.room[cell] < amount - 1e-9:
                return FAR
        elif mirrored and cells.value[cell] < amount - 1e-9:
            return FAR
        if cells.hidden[cell] == 0:
            if cells.reluctance[cell] > reluctance:
                return FAR
            toll += cells.cost[cell]
        toll += STEP
    return toll


@compiled
def _shortest(
    web: Web,
    cells: Cells,
    search: Search,
    arc: int,
    way: int,
    move: int,
    amount: float,
    mirrored: int,
    reluctance: int,
    bound: float,
) -> float:
    """Cost of the cheapest way back around `arc` when its cell goes `way`; `search.via` holds the way."""
    source, target = (web.head[arc], web.tail[arc]) if way > 0 else (web.tail[arc], web.head[arc])
    search.tick[0] += 1
    tick = search.tick[0]
    search.distance[source] = 0.0
    search.stamp[source] = tick
    size = push(search.keys, search.nodes, 0, 0.0, source)
    while size > 0:
        reached: float = search.keys[0]
        node = search.nodes[0]
        size = pop(search.keys, search.nodes, size)
        if reached > search.distance[node]:
            continue
        if node == target:
            return reached
        for at in range(web.start[node], web.start[node + 1]):
            other = web.arcs[at]
            if other == arc:
                continue
            forward = web.tail[other] == node
            end = web.head[other] if forward else web.tail[other]
            if search.stamp[end] == tick and search.distance[end] <= reached + STEP:
                continue
            toll = _toll(web, cells, other, 1 if forward else -1, move, amount, mirrored, reluctance)
            there = reached + toll
            if there >= bound:
                continue
            if search.stamp[end] != tick or there < search.distance[end]:
                search.stamp[end] = tick
                search.distance[end] = there
                search.via[end] = 2 * other + (1 if forward else 0)
                if size < search.keys.size - 1:
                    size = push(search.keys, search.nodes, size, there, end)
    return FAR


@compiled
def _collect(web: Web, search: Search, arc: int, way: int, move: int) -> int:
    """Write the cells of the cycle just found, and which way each goes, to the search space; -1 if there are too many."""
    source, node = (web.head[arc], web.tail[arc]) if way > 0 else (web.tail[arc], web.head[arc])
    count = 0
    at, along = arc, way
    while True:
        for entry in range(web.entries[move], web.entries[move + 1]):
            if count >= LONGEST:
                return -1
            search.cells[count] = web.physical[web.base[at] + web.shift[entry]]
            search.ways[count] = along * web.sign[entry]
            count += 1
        if node == source:
            return count
        at = search.via[node] >> 1
        along = 1 if search.via[node] & 1 else -1
        node = web.tail[at] if along > 0 else web.head[at]


@compiled
def _cheapest(
    web: Web,
    cells: Cells,
    search: Search,
    needs: Needs,
    need: int,
    amount: float,
    mirrored: int,
    reluctance: int,
) -> int:
    """Find the cheapest cycle for a need over both ways and all movements of its layer: its number of cells, -1 for none."""
    arc, layer = needs.arc[need], needs.layer[need]
    best, count = FAR, -1
    for way in (1, -1):
        if needs.way[need] == -way:
            continue
        for move in range(web.moves[layer], web.moves[layer + 1]):
            own = _toll(web, cells, arc, way, move, amount, mirrored, reluctance)
            if own >= best:
                continue
            cost = own + _shortest(
                web, cells, search, arc, way, move, amount, mirrored, reluctance, best - own
            )
            if cost < best:
                found = _collect(web, search, arc, way, move)
                if found > 0:
                    best, count = cost, found
        if count > 0 and best < STEP * LONGEST:
            break
    return count


@compiled
def _meet(web: Web, cells: Cells, search: Search, needs: Needs, need: int, most: int) -> int:
    """Meet a need at the lowest reluctance up to `most` at which that can be done."""
    for reluctance in range(min(needs.level[need], most), most + 1):
        # A cycle whose mirror is possible too spans twice its amount; beside empty cells there is no mirror.
        for mirror in range(needs.mirrored[need], -1, -1):
            doubled = needs.mirrored[need] > mirror
            if (mirror and reluctance > FREE) or (doubled and reluctance == FREE):
                continue
            amount = needs.amount[need] * (2.0 if doubled else 1.0)
            count = _cheapest(web, cells, search, needs, need, amount, mirror, reluctance)
            if count > 0:
                return count
    return -1


@compiled
def _enter(book: Book, need: int, found: Ints, first: int, last: int) -> bool:
    for at in range(first, last):
        slot = book.free[0]
        if slot < 0:
            return False
        book.free[0] = book.next_in_need[slot]
        cell = found[at]
        book.cell[slot] = cell
        book.need[slot] = need
        book.next_in_need[slot] = book.of_need[need]
        book.of_need[need] = slot
        after = book.of_cell[cell]
        book.next_in_cell[slot] = after
        book.previous_in_cell[slot] = -1
        if after >= 0:
            book.previous_in_cell[after] = slot
        book.of_cell[cell] = slot
    return True


@compiled
def _strike(book: Book, need: int) -> None:
    slot = book.of_need[need]
    while slot >= 0:
        before, after = book.previous_in_cell[slot], book.next_in_cell[slot]
        if before >= 0:
            book.next_in_cell[before] = after
        else:
            book.of_cell[book.cell[slot]] = after
        if after >= 0:
            book.previous_in_cell[after] = before
        following = book.next_in_need[slot]
        book.next_in_need[slot] = book.free[0]
        book.free[0] = slot
        slot = following
    book.of_need[need] = -1


@compiled
def _open(places: Places, needs: Needs, cell: int, way: int, amount: float, mirrored: int) -> None:
    """Ask for a cycle in every network of a cell that was just hidden, if it is in several."""
    if places.start[cell + 1] - places.start[cell] < 2:
        return
    for at in range(places.start[cell], places.start[cell + 1]):
        need = needs.size[0]
        if need == needs.cell.size:
            return
        needs.cell[need] = cell
        needs.arc[need] = places.arc[at]
        needs.layer[need] = places.layer[at]
        needs.way[need] = way
        needs.amount[need] = amount
        needs.mirrored[need] = mirrored
        needs.level[need] = FREE
        needs.size[0] = need + 1


@compiled
def _satisfy(
    web: Web, places: Places, cells: Cells, needs: Needs, book: Book, search: Search, need: int, most: int
) -> bool:
    """Hide the cheapest cycle for a need, which may ask for more; False if the book has no room to remember it."""
    count = _meet(web, cells, search, needs, need, most)
    if count < 0:
        return True
    for at in range(count):
        cell = search.cells[at]
        if cells.hidden[cell] == 0:
            cells.hidden[cell] = 1
            _open(places, needs, cell, search.ways[at], needs.amount[need], needs.mirrored[need])
    return _enter(book, need, search.cells, 0, count)


@compiled
def _satisfy_all(
    web: Web, places: Places, cells: Cells, needs: Needs, book: Book, search: Search, most: int
) -> bool:
    """Meet the needs given, each followed by those it raises; False if the book lacks room to give cells back."""
    given = needs.size[0]
    pending = given
    complete = True
    for need in range(given):
        complete = _satisfy(web, places, cells, needs, book, search, need, most) and complete
        while pending < needs.size[0]:
            complete = _satisfy(web, places, cells, needs, book, search, pending, most) and complete
            pending += 1
    return complete


@compiled
def _give_back(
    web: Web,
    cells: Cells,
    needs: Needs,
    book: Book,
    search: Search,
    order: Ints,
    most: int,
    seen: Ints,
    affected: Ints,
    detour: Ints,
    ends: Ints,
) -> None:
    """Show secondary cells again, in `order`, wherever the cycles through them can go another way."""
    for cell in order:
        count = 0
        slot = book.of_cell[cell]
        while slot >= 0:
            need = book.need[slot]
            if seen[need] != cell and needs.cell[need] != cell:
                affected[count] = need
                count += 1
            seen[need] = cell
            slot = book.next_in_cell[slot]
        cells.hidden[cell] = 0
        if not _reroute(web, cells, needs, search, affected, count, detour, ends, most):
            cells.hidden[cell] = 1
            continue
        for at in range(count):
            _strike(book, affected[at])
            _enter(book, affected[at], detour, ends[at], ends[at + 1])
        slot = book.of_cell[cell]
        while slot >= 0:  # what is left are the needs of the cell itself
            _strike(book, book.need[slot])
            slot = book.of_cell[cell]


@compiled
def _reroute(
    web: Web,
    cells: Cells,
    needs: Needs,
    search: Search,
    affected: Ints,
    count: int,
    detour: Ints,
    ends: Ints,
    most: int,
) -> bool:
    """Find other cycles, over hidden cells alone, for the affected needs; writes them to `detour`."""
    ends[0] = 0
    for at in range(count):
        length = _meet(web, cells, search, needs, affected[at], most)
        if length < 0 or ends[at] + length > detour.size:
            return False
        for place in range(length):
            detour[ends[at] + place] = search.cells[place]
        ends[at + 1] = ends[at] + length
    return True
