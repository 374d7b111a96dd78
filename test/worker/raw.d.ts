declare module "*.json?raw" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- the bundler's form of a file's text
  export default text;
}

declare module "*.md?raw" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- the bundler's form of a file's text
  export default text;
}
