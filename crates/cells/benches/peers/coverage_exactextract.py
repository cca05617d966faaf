"""Covered shares by exactextract: FOLDER COLUMNS ROWS CORNERS -> FOLDER/exactextract.f64.

Prints the seconds of its cheapest operation on these cells (the sum of shares), less what the same call costs on a raster
of a few cells: handing polygons over is not what is compared.
"""

import sys
import time

import numpy
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

folder, columns, rows, corners = sys.argv[1], *map(int, sys.argv[2:5])
edge_x, edge_y = columns * 100.0, rows * 100.0
rings = numpy.fromfile(f"{folder}/polygons.f64", "<f8").reshape(-1, corners, 2)
features = [
    {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]}}
    for ring in rings
]


def seconds(height, width):
    raster = NumPyRasterSource(numpy.ones((height, width), "f4"), 0.0, 0.0, edge_x, edge_y)
    begin = time.perf_counter()
    exact_extract(raster, features, "count")
    return time.perf_counter() - begin


handing_over = seconds(rows // 100, columns // 100)
whole = seconds(rows, columns)
shares = numpy.zeros(rows * columns)
raster = NumPyRasterSource(numpy.ones((rows, columns), "f4"), 0.0, 0.0, edge_x, edge_y)
for feature in exact_extract(raster, features, ["cell_id", "coverage"]):
    properties = feature["properties"]
    shares[properties["cell_id"]] += properties["coverage"]
shares.astype("<f8").tofile(f"{folder}/exactextract.f64")
print(f"whole call {whole:.2f} s, of that handing over {handing_over:.2f} s", file=sys.stderr)
print(whole - handing_over)
