//! How the program is linked.

fn main() {
    // `kend` carries an SQLite of its own (with SQLCipher), and GDAL, PROJ and SpatiaLite want the system's. Symbols of the
    // program come first for shared libraries, so without this GDAL calls half of one and half of the other and crashes.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg=-Wl,--exclude-libs,ALL");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
