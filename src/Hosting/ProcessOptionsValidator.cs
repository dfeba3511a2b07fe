using Microsoft.Extensions.Options;

namespace Winnow.Hosting;

internal sealed class ProcessOptionsValidator : IValidateOptions<ProcessOptions>
{
    public ValidateOptionsResult Validate(string? name, ProcessOptions options)
    {
        OptionChecks checks = new(ProcessOptions.Section);
        checks.InRange(nameof(options.ParentPid), options.ParentPid, 0, int.MaxValue);
        checks.InRange(nameof(options.ShutdownSeconds), options.ShutdownSeconds, 1, 600);
        return checks.ToResult();
    }
}
