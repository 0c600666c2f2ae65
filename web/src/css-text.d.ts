// A style sheet as its text, for what is loaded later.
declare module '*.css' {
	const text: string;
	export default text;
}
