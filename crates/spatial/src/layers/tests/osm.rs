use std::fs;

use super::make::{Folder, plane, said, vectors};
use crate::layers::{Features, read_vectors};

fn read(folder: &Folder, keys: &str) -> Result<Features, String> {
    read_vectors(folder.path(), &vectors(keys), &plane()).map_err(|error| said(&error))
}

const XML: &str = r#"<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" lat="40.1" lon="47.1" version="1"><tag k="amenity" v="school"/><tag k="name" v="12 №-li məktəb"/></node>
 <node id="2" lat="40.2" lon="47.2" version="1"><tag k="amenity" v="bank"/></node>
 <node id="3" lat="40.3" lon="47.3" version="1"/>
 <way id="7" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>
</osm>
"#;

#[test]
fn tags_without_an_attribute_of_their_own_are_found() {
    let folder = Folder::new();
    fs::write(folder.vectors("a.osm"), XML).unwrap();
    let schools =
        read(&folder, "file = \"a.osm\"\nlayer = \"points\"\nindicator = 42\nwhere = { amenity = [\"school\"] }")
            .unwrap();
    assert_eq!((schools.features.len(), schools.features[0].id.as_str()), (1, "feature 1"));
    let roads = read(&folder, "file = \"a.osm\"\nlayer = \"lines\"\nrole = \"roads\"").unwrap();
    assert_eq!((roads.features.len(), roads.features[0].attributes["highway"].as_str()), (1, "primary"));
    let error = read(&folder, "file = \"a.osm\"\nindicator = 42").unwrap_err();
    assert!(error.contains("has several layers (`points`, `lines`,"), "{error}");
}

/// A field of a Protocol Buffers message that holds bytes.
fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(content.len() as u64), content].concat()
}

/// A field that holds a number.
fn number(field: u8, value: u64) -> Vec<u8> {
    [&[field << 3][..], &varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7F).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

/// A blob of a PBF file, not compressed: length and kind before it.
fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
    let blob = bytes(1, content);
    let header = [bytes(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
    [&u32::try_from(header.len()).unwrap().to_be_bytes()[..], &header, &blob].concat()
}

/// Nodes with one tag each: longitude and latitude in units of 1e-7 degrees (OpenStreetMap wiki, "PBF Format").
fn pbf(nodes: &[(u64, u64, u64)]) -> Vec<u8> {
    let zigzag = |value: u64| value * 2;
    let texts: Vec<u8> = ["", "amenity", "school"].iter().flat_map(|text| bytes(1, text.as_bytes())).collect();
    let node = |(id, longitude, latitude): &(u64, u64, u64)| {
        let parts = [
            number(1, zigzag(*id)),
            bytes(2, &[1]),
            bytes(3, &[2]),
            number(8, zigzag(*latitude)),
            number(9, zigzag(*longitude)),
        ];
        bytes(1, &parts.concat())
    };
    let group: Vec<u8> = nodes.iter().flat_map(node).collect();
    let block = [bytes(1, &texts), bytes(2, &group)].concat();
    [blob("OSMHeader", &bytes(4, b"OsmSchema-V0.6")), blob("OSMData", &block)].concat()
}

#[test]
fn a_pbf_file_is_read_and_a_broken_one_refused() {
    let folder = Folder::new();
    let keys = "file = \"a.osm.pbf\"\nlayer = \"points\"\nindicator = 42\nwhere = { amenity = [\"school\"] }";
    let whole = pbf(&[(5, 471_000_000, 401_000_000), (6, 472_000_000, 402_000_000)]);
    fs::write(folder.vectors("a.osm.pbf"), &whole).unwrap();
    let found = read(&folder, keys).unwrap();
    assert_eq!(found.features.len(), 2);
    let expected = plane().to_plane(47.1, 40.1);
    let geo::Geometry::Point(point) = found.features[0].geometry else { panic!("a point") };
    assert!((point.x() - expected.0).abs() < 1e-3 && (point.y() - expected.1).abs() < 1e-3);
    fs::write(folder.vectors("a.osm.pbf"), &whole[..whole.len() - 9]).unwrap();
    let error = read(&folder, keys).unwrap_err();
    assert!(error.contains("broken"), "{error}");
}

#[test]
fn a_layer_behind_many_features_of_another_is_read_whole() {
    use std::fmt::Write as _;
    let mut text = "<?xml version='1.0'?>\n<osm version=\"0.6\">\n".to_owned();
    for id in 1..=110_000_u32 {
        let (longitude, latitude) = (46.0 + f64::from(id % 500) / 100.0, 39.0 + f64::from(id / 500) / 100.0);
        writeln!(text, "<node id=\"{id}\" lat=\"{latitude}\" lon=\"{longitude}\" version=\"1\"><tag k=\"man_made\" v=\"x\"/></node>").unwrap();
    }
    for id in 1..110_000_u32 {
        writeln!(
            text,
            "<way id=\"{id}\" version=\"1\"><nd ref=\"{id}\"/><nd ref=\"{}\"/><tag k=\"highway\" v=\"track\"/></way>",
            id + 1
        )
        .unwrap();
    }
    text += "</osm>\n";
    let folder = Folder::new();
    fs::write(folder.vectors("a.osm"), text).unwrap();
    let roads = read(&folder, "file = \"a.osm\"\nlayer = \"lines\"\nrole = \"roads\"").unwrap();
    assert_eq!((roads.features.len(), roads.warnings.as_slice()), (109_999, &[][..]));
}
