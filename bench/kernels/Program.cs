using System.CommandLine;
using Winnow.Cli;
using Winnow.Cli.Commands;
using Winnow.GpuWorker.Devices;
using Winnow.KernelBench;

Option<string> device = new("--device") { Description = "Device to measure, as 'winnow devices' names it.", DefaultValueFactory = _ => "cuda:0" };
Option<float?> brainRate = CommandOptions.Number(
    "--bf16-rate", "Dense bf16 rate of the device in TFLOP/s, measured elsewhere: what matrices are compared with. The table says that it was given.", 0.001f, 1e6f);
Option<bool> quick = new("--quick") { Description = "Tiny sizes, to see that everything runs; the figures mean nothing." };
Option<FileInfo?> json = new("--json") { Description = "Also write everything as one JSON object to this file." };
RootCommand root = new("Measures the device kernels, and whole models on them, against the device's own limits, and prints a table in Markdown.")
{
    device, brainRate, quick, json,
};
root.SetAction(parsed =>
{
    string name = parsed.GetValue(device)!;
    if (!DeviceChoice.TryParse(name, out DeviceChoice choice) || choice.Kind == DeviceKind.Cpu)
    {
        throw new CliException($"--device '{name}' is not measured here; give cuda:N, opencl:N or ilgpu-cpu.", CliException.BadUsage);
    }
    BenchSizes sizes = parsed.GetValue(quick) ? BenchSizes.Quick : BenchSizes.Full;
    BenchReport report = new BenchRun(choice, sizes, parsed.GetValue(brainRate), TimeProvider.System, Console.Error.WriteLine).Run();
    report.WriteMarkdown(Console.Out);
    if (parsed.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, report.ToJson());
    }
});
try
{
    return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null })
        .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is CliException or DeviceException or OutOfMemoryException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"winnow-kernels: {error.Message}");
    return error is CliException { ExitCode: var code } ? code : 1;
}
