//! Prints the table of `docs/PROVIDERS.md`.

fn main() {
    print!("{}", passerelle::providers::matrix::markdown());
}
