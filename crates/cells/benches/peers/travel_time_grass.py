"""Travel time by GRASS r.cost: FOLDER COLUMNS ROWS -> FOLDER/grass.f64; prints the seconds of r.cost alone."""

import os
import shutil
import subprocess
import sys
import time

folder, columns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
grass = shutil.which("grass")
if grass is None:
    sys.exit("grass is not on the path")
place = os.path.join(folder, "grass", "plane")
subprocess.run([grass, "-c", "XY", "-e", place], check=True, capture_output=True)


def run(*command):
    words = [grass, os.path.join(place, "PERMANENT"), "--exec", *command]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr}")


edges = [f"n={rows * 100}", "s=0", "w=0", f"e={columns * 100}"]
run("g.region", *edges, f"rows={rows}", f"cols={columns}")
# Not a number is a barrier there; infinity isn't.
import numpy

friction = numpy.fromfile(f"{folder}/friction.f32", "<f4")
friction[~numpy.isfinite(friction)] = numpy.nan
(friction * numpy.float32(100.0)).astype("<f4").tofile(f"{folder}/grass_in.f32")
run("r.in.bin", "-f", f"input={folder}/grass_in.f32", "output=friction", "bytes=4", "order=little", *edges,
    f"rows={rows}", f"cols={columns}")
run("r.null", "map=friction", "setnull=nan")
with open(f"{folder}/starts.txt", "w", encoding="ascii") as starts:
    for line in open(f"{folder}/destinations.txt", encoding="ascii"):
        row, column = map(int, line.split())
        starts.write(f"{column * 100 + 50}|{rows * 100 - row * 100 - 50}\n")
run("v.in.ascii", f"input={folder}/starts.txt", "output=starts", "separator=pipe", "x=1", "y=2", "columns=x double precision,y double precision")
# All in memory and no report: what r.cost can do at its best.
begin = time.perf_counter()
run("r.cost", "input=friction", "output=minutes", "start_points=starts", "memory=8000", "--quiet")
seconds = time.perf_counter() - begin
run("r.out.bin", "-f", "input=minutes", f"output={folder}/grass.f64", "bytes=8", "order=little", "null=nan")
print(seconds)
