/** What the compiler's runtime offers to any module and its declarations leave out; for editors and `npm run check`. */
declare function __new(size: usize, id: u32): usize;
declare function __collect(): void;
declare function __visit(object: usize, cookie: u32): void;
