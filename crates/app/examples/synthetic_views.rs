//! SYNTHETIC. Prints what the calculator's commands say of the made-up pack in one language, for
//! `ui/tests/synthetic/LANGUAGE.json`: screens are looked at with it by `npm run dev:synthetic`.

#[expect(dead_code, reason = "nothing breaks here")]
#[path = "../tests/house/mod.rs"]
mod house;

use house::House;
use serde_json::{Map, Value, json};

const CLUSTERS: [&str; 2] = ["synthetic-a", "synthetic-b"];

fn main() {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    println!("{}", views(&language));
}

/// Everything that can be asked of each cluster, by the command's word.
fn views(language: &str) -> Value {
    let mut house = House::of("Aysel", 1);
    house.ask("set_language", json!({ "language": language }));
    house.ask("import_pack", json!({ "content_base64": base64(), "accept_signer": true }));
    let clusters = CLUSTERS.map(|cluster| (cluster.to_owned(), of_cluster(&mut house, cluster)));
    let villages = house.ask("list_villages", json!({ "near": null }));
    let village = villages.as_array().and_then(|all| all.first()).map(|village| village["village"].clone());
    json!({
        "clusters": Map::from_iter(clusters),
        "compare_clusters": house.ask("compare_clusters", json!({})),
        "village": house.ask("read_profile", json!({ "village": village })),
        "rayon": house.ask("read_profile", json!({ "rayon": "AZ-SY1" })),
    })
}

fn of_cluster(house: &mut House, cluster: &str) -> Value {
    let commands = ["read_readiness", "read_levers", "lift_cluster", "read_peers", "read_gaps", "read_map"];
    let mut views: Map<String, Value> = commands
        .map(|command| (command.to_owned(), house.ask(command, json!({ "cluster": cluster }))))
        .into_iter()
        .collect();
    let changes = json!([{ "row": 44, "zone": null, "value": 200 }, { "row": 42, "zone": null, "value": 40 }]);
    let asked = [
        ("calculate_what_if", json!({ "cluster": cluster, "changes": changes })),
        ("read_sector", json!({ "cluster": cluster, "crops": [] })),
        ("read_profile", json!({ "cluster": cluster })),
    ];
    views.extend(asked.map(|(command, request)| (command.to_owned(), house.ask(command, request))));
    Value::Object(views)
}

fn base64() -> String {
    #[expect(clippy::expect_used, reason = "an example without its pack shows nothing")]
    let bytes =
        kend_pack::synthetic::pack().and_then(|pack| pack.write_signed(&kend_pack::synthetic::key())).expect("a pack");
    data_encoding::BASE64.encode(&bytes)
}
