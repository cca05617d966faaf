"""Travel time by scikit-image: FOLDER COLUMNS ROWS -> FOLDER/scikit_image.f64; prints the seconds of the search alone."""

import sys
import time

import numpy
from skimage.graph import MCP_Geometric

folder, columns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
friction = numpy.fromfile(f"{folder}/friction.f32", "<f4").reshape(rows, columns)
starts = [tuple(map(int, line.split())) for line in open(f"{folder}/destinations.txt", encoding="ascii")]
# A negative cost is a barrier there; cells are 100 m.
costs = numpy.where(numpy.isfinite(friction), friction.astype("f8") * 100.0, -1.0)
begin = time.perf_counter()
minutes, _ = MCP_Geometric(costs).find_costs(starts)
seconds = time.perf_counter() - begin
minutes.astype("<f8").tofile(f"{folder}/scikit_image.f64")
print(seconds)
