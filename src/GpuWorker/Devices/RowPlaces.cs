using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Devices;

/// <summary>Where what a row asks for lies in the lists of <see cref="DrawLayout"/>; -1 for what it does not ask for.</summary>
/// <param name="Drawn">The row of logits that it is drawn from: itself, or its edited copy.</param>
/// <param name="Weighed">Its sum of weights.</param>
/// <param name="Likeliest">Its candidates before edits.</param>
/// <param name="Best">Its candidates after them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RowPlaces(int Drawn, int Weighed, int Likeliest, int Best);
