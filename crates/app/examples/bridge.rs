//! Prints the typed bridge of the UI.

fn main() {
    print!("{}", kend_app::bridge::typescript());
}
