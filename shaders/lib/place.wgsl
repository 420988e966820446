// Where the Values of images [batch, height, width, channels] are.

struct Place {
  image: u32,
  h: u32,
  w: u32,
  channel: u32,
}

fn place(item: u32, height: u32, width: u32, channels: u32) -> Place {
  let pixel = item / channels;
  let line = pixel / width;
  return Place(line / height, line % height, pixel % width, item % channels);
}
