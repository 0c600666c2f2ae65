export function FramesBody() {
	return null;
}
